import type { OAuthContext } from '../../oauth/context.ts';
import type { OvhSettings } from './settings.ts';

/** What the parts of the simulated OVHcloud share. */
export interface OvhContext extends OAuthContext {
  readonly settings: () => OvhSettings;
}

/** Unix seconds by OVHcloud's own clock. */
export const apiSeconds = ({ clock, settings }: Pick<OvhContext, 'clock' | 'settings'>): number =>
  Math.floor(clock.now() / 1000) + settings().apiClockAheadSeconds;
