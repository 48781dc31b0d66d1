import type { Context } from '../../context.ts';
import { cliProblems } from '../../errors.ts';

export interface LeaseOptions {
  /** Seconds that the credential must still live. */
  readonly minTtl?: number;
}

/** The credential, written down in a format of its method. */
export async function readAs(
  { client, signal }: Context,
  id: string,
  format: string,
  { minTtl }: LeaseOptions,
): Promise<string> {
  const query = { format, ...(minTtl !== undefined && { minTtlSeconds: minTtl }) };
  const answer = await client().request('GET', `/v1/connections/${encodeURIComponent(id)}/credentials`, {
    query,
    signal,
  });
  return await answer.text();
}

export async function read({ client, signal }: Context, id: string, { minTtl }: LeaseOptions) {
  const query = { ...(minTtl !== undefined && { minTtlSeconds: minTtl }) };
  const lease = await client().get('/v1/connections/{id}/credentials', { params: { path: { id }, query }, signal });
  // The other type is that of formats that are no JSON; none was asked for.
  return lease as Exclude<typeof lease, string>;
}

/** Throws where a secret would appear on the terminal without having been asked for. */
export function assertMayShow({ terminal }: Context, what: string, show: boolean | undefined): void {
  if (terminal.isOutputShown && show !== true) throw cliProblems.notShown(what);
}
