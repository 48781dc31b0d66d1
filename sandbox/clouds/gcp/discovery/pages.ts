import { createHash } from 'node:crypto';

import type { Reply, SandboxRequest } from '../../../core/cloud.ts';
import { invalidArgument } from '../errors.ts';

export interface Page<T> {
  readonly rows: readonly T[];
  readonly next: { readonly nextPageToken?: string };
}

/** The page that a request asks for. A token counts only with the parameters that it was given out for. */
export function pageOf<T>(rows: readonly T[], request: SandboxRequest, size: number): Page<T> | Reply {
  const parameters = [...request.query].filter(([name]) => name !== 'pageToken').join('&');
  const digest = createHash('sha256').update(`${request.path}?${parameters}`).digest('hex').slice(0, 16);
  const token = request.query.get('pageToken');
  let from = 0;
  if (token !== null) {
    const [start = '', given] = Buffer.from(token, 'base64url').toString('utf8').split('/');
    if (!/^\d+$/.test(start) || given !== digest) return invalidArgument('The page token is invalid.');
    from = Number(start);
  }
  const end = from + size;
  const nextPageToken = Buffer.from(`${end}/${digest}`).toString('base64url');
  return { rows: rows.slice(from, end), next: end < rows.length ? { nextPageToken } : {} };
}

/** As many as are asked for, up to what there is at most. */
export function sizeAsked(request: SandboxRequest, parameter: string, most: number): number {
  const asked = Number(request.query.get(parameter) ?? most);
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, most) : most;
}
