import { failedList } from '../../contracts/discovery-tally.ts';
import type { DiscoveryPart, ListOutcome, Place } from '../../contracts/discovery.ts';
import type { Problem } from '../../contracts/problem.ts';
import type { Absence, KindListing, Listing, Loss } from '../../providers/listing/lister.ts';
import type { CompleteList, KeptRow, WitnessAnswer, WrittenList } from '../../stores/inventory/port.ts';
import type { DiscoveryDependencies } from '../dependencies.ts';
import { withStoreErrors } from '../failures.ts';
import { listerOf } from './ask-cloud.ts';
import { askInTime } from './ask-in-time.ts';
import type { AccessChange } from './list-progress.ts';
import { countsOf, tellChanges } from './tell-changes.ts';

export interface KindToWrite extends DiscoveryPart {
  readonly since: string;
  readonly list: string | null;
  readonly place: Place;
  readonly kind: string;
  /** When it is aborted, nothing is written any more. */
  readonly signal: AbortSignal;
}

export type KindWritten =
  | { readonly outcome: ListOutcome; readonly access: AccessChange | null; readonly refusal: Problem | null }
  /** The connection has ended. */
  | 'dropped';

/** Writes one kind of a list to the inventory: complete, in part, or as failed. Tells what has changed. */
export async function writeKind(
  deps: DiscoveryDependencies,
  one: KindToWrite,
  listing: KindListing,
  { source, notice }: Pick<Listing, 'source' | 'notice'>,
): Promise<KindWritten> {
  const { inventory } = deps;
  const { connection, epoch, kind, place } = one;
  const write = { connection: connection.id, epoch, kind, project: place };
  if (listing.outcome === 'failed') {
    const { problem, denied } = listing.failure;
    const marked = await withStoreErrors(async () => await inventory.markStale(write, problem, denied));
    if (!marked) return 'dropped';
    return { outcome: failedList(problem), access: accessOf(one, marked, denied), refusal: null };
  }
  const { rows, losses } = listing;
  const denied = losses.find((loss) => loss.denied !== null)?.denied ?? null;
  const witness = createWitness(deps, one);
  const written = await withStoreErrors(async () =>
    losses.length > 0
      ? await inventory.merge(write, rows, source, lossProblem(losses), denied)
      : await inventory.replace(write, rows, source, {
          since: one.since,
          ...(witness.ask && { witness: witness.ask }),
        }),
  );
  if (!written) return 'dropped';
  const { added, removed, changed, problem } = written;
  await tellChanges(deps, connection, { added, removed, changed });
  const changes = countsOf(written);
  const outcome = {
    outcome: problem ? 'partial' : 'complete',
    resources: rows.length,
    changes,
    problem,
    notice,
  } as const;
  return { outcome, access: accessOf(one, written, denied ?? witness.denied()), refusal: witness.refusal() };
}

/**
 * Asks the cloud a second time about rows that a complete list lacks. Where that fails, nothing is known of them, so the
 * answer is that they could not be asked about.
 */
function createWitness(deps: DiscoveryDependencies, { connection, list, kind, place, signal }: KindToWrite) {
  let refusal: Problem | null = null;
  let answer: WitnessAnswer | undefined;
  const asking = { connection, about: { list, kind, project: place }, signal };

  const ask = async (rows: readonly KeptRow[]): Promise<WitnessAnswer> => {
    const asked = await askInTime(deps, asking, async (lister, context, sent) => {
      const said = (await lister.confirmGone?.(context, { kind, projectId: place, rows })) ?? nothingKnown;
      return { ...said, refused: said.refused && sent.failure(said.refused) };
    });
    signal.throwIfAborted();
    if (asked.outcome === 'unauthorized') refusal = asked.problem;
    answer = asked.outcome === 'answered' ? asked.value : { ...nothingKnown, refused: refusedBy(asked) };
    return answer;
  };

  const hasWitness = listerOf(deps, connection).lister.confirmGone !== undefined;
  return {
    ask: hasWitness ? (ask satisfies CompleteList['witness']) : undefined,
    denied: () => answer?.refused?.denied ?? null,
    /** Set where the cloud has refused the credential itself, which ends the discovery. */
    refusal: () => refusal,
  };
}

const nothingKnown: Absence = { gone: new Set(), there: new Set(), refused: null };

const refusedBy = (asked: Exclude<Awaited<ReturnType<typeof askInTime>>, { outcome: 'answered' }>) =>
  asked.outcome === 'failed' ? asked.failure : { problem: asked.problem, denied: null };

function accessOf(
  { kind, place }: KindToWrite,
  { access }: WrittenList,
  denied: { readonly action: string | null } | null,
): AccessChange | null {
  return access && { access, kind, project: place, projects: 1, action: denied?.action ?? null };
}

/** The first loss is reported for all of them: most often they have one cause. */
function lossProblem(losses: readonly Loss[]): Problem {
  const [first] = losses;
  const others = losses.length > 1 ? ` and ${losses.length - 1} more` : '';
  const { code, message, remedy } = first?.problem ?? { code: 'list_incomplete', message: '', remedy: '' };
  return { code, message: `${first?.path ?? ''}${others} could not be read: ${message}`, remedy };
}
