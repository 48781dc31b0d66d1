import type { Reply, SandboxRequest } from '../../core/cloud.ts';
import type { Caller } from './authenticate.ts';
import type { OvhRegion } from './regions.ts';

export interface ApiCall {
  readonly caller: Caller;
  readonly region: OvhRegion;
  readonly request: SandboxRequest;
  /** The groups of the route's path, decoded. */
  readonly parameters: readonly string[];
}

/** One GET of somebody who proved who they are. */
export interface ApiRoute {
  /** Below the region: `/1.0/…`, `/v2/…`. */
  readonly path: RegExp;
  /** Its name in fault scripts and counters. */
  readonly endpoint: string;
  /** What OVHcloud's IAM calls it; left out where no permission is asked for. */
  readonly action?: string;
  readonly handle: (call: ApiCall) => Reply;
}

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: 200,
  headers,
  body,
});
