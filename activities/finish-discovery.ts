import type { DiscoveryActivities } from '../contracts/discovery.ts';
import { endPass, type EndPassDependencies } from './discovery/end-pass.ts';

export const createFinishDiscovery =
  (deps: EndPassDependencies): DiscoveryActivities['finishDiscovery'] =>
  async ({ tally, ...pass }) =>
    await endPass(deps, pass, tally);
