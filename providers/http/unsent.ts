import type { Problem } from '../../contracts/problem.ts';
import { ProviderError } from '../provider.ts';

/** Nothing was asked of the cloud: what was submitted or stored can't be worked with. */
export const unusable = (problem: Problem): ProviderError =>
  new ProviderError({ class: 'user', problem, delivery: 'not_sent' });

/** Nothing was asked of the cloud: this installation is not set up for it. */
export const notConfigured = (problem: Problem): ProviderError =>
  new ProviderError({ class: 'config', problem, delivery: 'not_sent' });
