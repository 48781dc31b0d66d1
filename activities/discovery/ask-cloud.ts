import type { ConnectionRef } from '../../contracts/connection.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import type { ListContext, ListFailure, ResourceLister } from '../../providers/listing/lister.ts';
import { ProviderError } from '../../providers/provider.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { withStoreErrors } from '../failures.ts';
import { readRenewal } from '../records.ts';
import { createSentRedactor, type SentRedactor } from './redact-sent.ts';

/**
 * One request to a cloud. Rejects with the signal's reason when the signal is aborted. The cloud's own words may repeat the
 * credential, so the result must have passed through `sent`.
 */
export type Ask<T> = (lister: ResourceLister, context: ListContext, sent: SentRedactor) => Promise<T>;

export type Answer<T> =
  | { readonly outcome: 'answered'; readonly value: T }
  /** `mayRetry`: the cause was transient, and another attempt may succeed. */
  | { readonly outcome: 'failed'; readonly failure: ListFailure; readonly mayRetry: boolean }
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
export async function askCloud<T>(
  deps: Dependencies,
  connection: ConnectionRef,
  signal: AbortSignal,
  ask: Ask<T>,
): Promise<Answer<T>> {
  const { lister, region } = listerOf(deps, connection);
  const read = async () => await withStoreErrors(() => readRenewal(deps.secrets, connection.id));
  let stored = await read();
  for (let isRepeated = false; ; isRepeated = true) {
    if (!stored) return failedFor({ class: 'user', problem: problems.credentialMissing });
    const sent = createSentRedactor(stored.record);
    try {
      const context = { connectionId: connection.id, region, record: stored.record, signal };
      return { outcome: 'answered', value: await ask(lister, context, sent) };
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const problem = sent.problem(error.problem);
      const { retryAfterSeconds } = error;
      // Nothing else says anything about the credential itself.
      if (error.class !== 'revoked') return failedFor({ class: error.class, problem, retryAfterSeconds });
      const now = await read();
      if (now?.version === stored.version) return { outcome: 'unauthorized', problem };
      // Replaced twice meanwhile: the next attempt uses the newest one.
      if (isRepeated) return failedFor({ class: 'transient', problem, retryAfterSeconds: 0 });
      stored = now;
    }
  }
}

export function failedFor<T>(
  error: Pick<ListFailure, 'class' | 'problem'> & Partial<ListFailure>,
  mayRetry = error.class === 'transient',
): Answer<T> {
  const { class: problemClass, problem, retryAfterSeconds = null, denied = null } = error;
  return { outcome: 'failed', failure: { class: problemClass, problem, retryAfterSeconds, denied }, mayRetry };
}
