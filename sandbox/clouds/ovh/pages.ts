import type { Reply, SandboxRequest } from '../../core/cloud.ts';
import { ok } from './api-route.ts';

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
