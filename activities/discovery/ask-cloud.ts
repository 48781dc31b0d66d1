import { Context } from '@temporalio/activity';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import type { ConnectionRef } from '../../workflows/contracts/connection.ts';
import { problems, type Problem } from '../../workflows/contracts/problem.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { notYet, storing } from '../failures.ts';
import type { ListContext, Listing, ResourceLister } from '../providers/lister.ts';
import { ProviderError } from '../providers/provider.ts';
import { readRenewal } from '../records.ts';

export type Answer =
  | { readonly outcome: 'listed'; readonly listing: Listing }
  /** Nothing could be listed, and another try now would not change that. */
  | { readonly outcome: 'failed'; readonly problem: Problem }
  | { readonly outcome: 'unauthorized'; readonly problem: Problem };

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers'>;

/** The code that lists for a connection; as with `authMethodOf`, its absence is a deployment's mistake. */
export function listerOf(
  { providers }: Pick<ActivityDependencies, 'providers'>,
  { provider, region }: ConnectionRef,
): { readonly lister: ResourceLister; readonly region: ListContext['region'] } {
  const discovery = providers.get(provider)?.discovery;
  const settings = discovery?.regions.get(region);
  if (!discovery || !settings)
    throw new Error(`This worker lists nothing of ${provider} ${region}: deploy one that does.`);
  return { lister: discovery.lister, region: settings };
}

/**
 * Asks with the live credential as it is now. An unavailable cloud is "not yet" while tries are left, and so is a
 * token that was replaced while it was in use.
 */
export async function askCloud(
  deps: Dependencies,
  connection: ConnectionRef,
  signal: AbortSignal,
  ask: (lister: ResourceLister, context: ListContext) => Promise<Listing>,
): Promise<Answer> {
  const { attempt, retryPolicy } = Context.current().info;
  const isLast = attempt >= (retryPolicy?.maximumAttempts ?? Infinity);
  const { lister, region } = listerOf(deps, connection);
  const read = async () => await storing(() => readRenewal(deps.secrets, connection.id));
  const stored = await read();
  if (!stored) return { outcome: 'failed', problem: problems.credentialMissing };
  try {
    const record = new Secret<JsonObject>(stored.record.reveal());
    return { outcome: 'listed', listing: await ask(lister, { region, record, signal }) };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const { problem, retryAfterSeconds } = error;
    if (error.class === 'revoked') {
      if (!isLast && (await read())?.version !== stored.version) throw notYet(problem, 0);
      return { outcome: 'unauthorized', problem };
    }
    if (error.class === 'transient' && !isLast) throw notYet(problem, retryAfterSeconds);
    return { outcome: 'failed', problem };
  }
}
