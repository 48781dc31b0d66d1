import type { Reply, SandboxRequest } from '../../core/cloud.ts';
import type { Caller } from './authenticate.ts';
import type { OvhRegion } from './regions.ts';

export interface ApiCall {
  readonly caller: Caller;
  readonly region: OvhRegion;
  readonly request: SandboxRequest;
  /** The groups of the route's path, decoded. */
  readonly parameters: readonly string[];
  /** Whether the caller may do something to a project, for lists that show only what may be seen. */
  readonly mayInProject: (action: string, projectId: string) => boolean;
}

/** One authenticated call. */
export interface ApiRoute {
  /** Left out: GET. */
  readonly method?: 'POST' | 'DELETE';
  /** Below the region: `/1.0/…`, `/v2/…`. */
  readonly path: RegExp;
  /** Its name in fault scripts and counters. */
  readonly endpoint: string;
  /** What OVHcloud's IAM calls it; left out where no permission is asked for. */
  readonly action?: string;
  /**
   * What the permission is asked for: the project that the path names first, or each thing that the list would show.
   * Left out: the account.
   */
  readonly on?: 'project' | 'listed';
  readonly handle: (call: ApiCall) => Reply;
}

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: 200,
  headers,
  body,
});

/** Undefined where it is no JSON. */
export function parsedBody({ body }: SandboxRequest): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const DEFAULT_SIZE = 100;

/** One page of an API v2 list: `X-Pagination-Cursor` says where to go on, `…-Next` of the answer where the rest is. */
export function pageOf(rows: readonly unknown[], { headers }: SandboxRequest): Reply {
  const size = Number(headers['x-pagination-size'] ?? DEFAULT_SIZE) || DEFAULT_SIZE;
  const cursor = String(headers['x-pagination-cursor'] ?? '');
  const from = Number(Buffer.from(cursor, 'base64url').toString('utf8')) || 0;
  const to = from + size;
  const next = to < rows.length ? Buffer.from(String(to)).toString('base64url') : undefined;
  return ok(rows.slice(from, to), next === undefined ? {} : { 'x-pagination-cursor-next': next });
}
