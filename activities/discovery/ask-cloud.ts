import type { ConnectionRef } from '../../contracts/connection.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import type { ListContext, Listing, ResourceLister } from '../../providers/listing/lister.ts';
import { ProviderError } from '../../providers/provider.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { withStoreErrors } from '../failures.ts';
import { readRenewal } from '../records.ts';

/** One list request to a cloud. Rejects with the signal's reason when the signal is aborted. */
export type Ask = (lister: ResourceLister, context: ListContext) => Promise<Listing>;

export type Answer =
  | { readonly outcome: 'listed'; readonly listing: Listing }
  /** The cloud is unavailable: another attempt may succeed. */
  | { readonly outcome: 'not_yet'; readonly problem: Problem; readonly retryAfterSeconds: number | null }
  /** Nothing could be listed, and a retry now would not change that. */
  | { readonly outcome: 'failed'; readonly problem: Problem }
  | { readonly outcome: 'unauthorized'; readonly problem: Problem };

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers'>;

/** The lister for a connection. As with `authMethodOf`, a worker without it is a mistake in the deployment. */
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

/** Asks with the live credential. If it is refused and was replaced meanwhile, asks once more with the new one. */
export async function askCloud(
  deps: Dependencies,
  connection: ConnectionRef,
  signal: AbortSignal,
  ask: Ask,
): Promise<Answer> {
  const { lister, region } = listerOf(deps, connection);
  const read = async () => await withStoreErrors(() => readRenewal(deps.secrets, connection.id));
  let stored = await read();
  for (let isRepeated = false; ; isRepeated = true) {
    if (!stored) return { outcome: 'failed', problem: problems.credentialMissing };
    try {
      return { outcome: 'listed', listing: await ask(lister, { region, record: stored.record, signal }) };
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const { problem, retryAfterSeconds } = error;
      if (error.class === 'transient') return { outcome: 'not_yet', problem, retryAfterSeconds };
      if (error.class !== 'revoked') return { outcome: 'failed', problem };
      const now = await read();
      if (now?.version === stored.version) return { outcome: 'unauthorized', problem };
      // Replaced twice meanwhile: the next attempt uses the newest one.
      if (isRepeated) return { outcome: 'not_yet', problem, retryAfterSeconds: 0 };
      stored = now;
    }
  }
}
