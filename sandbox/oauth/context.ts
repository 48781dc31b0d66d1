import type { CloudContext } from '../core/cloud.ts';
import type { OAuthSettings } from './settings.ts';

/** What the authorization server's parts share: the cloud's context and its table names. */
export interface OAuthContext extends CloudContext<OAuthSettings> {
  /** Prefix of the tables, and of every token, so that one found in a log says where it came from. */
  readonly cloud: string;
}

export const secondsFrom = (context: OAuthContext, seconds: number): number => context.clock.now() + seconds * 1000;
