import type { DiscoveryPart } from '../../contracts/discovery.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import type { KindListing, ListContext, Listing, ListFailure, ResourceLister } from '../../providers/listing/lister.ts';
import type { DiscoveryDependencies } from '../dependencies.ts';
import type { Answer } from './ask-cloud.ts';
import { askInTime } from './ask-in-time.ts';
import type { Undecided } from './expected-lists.ts';
import type { ListJob } from './list-jobs.ts';
import type { KindOutcome } from './list-progress.ts';
import { writeKind, type KindWritten } from './write-kind.ts';

const TRIES = 5;
const LONGEST_PAUSE_SECONDS = 60;

export interface OneTry extends DiscoveryPart {
  readonly since: string;
  /** With the kinds that are still missing. */
  readonly job: ListJob;
  /** Attempts at this list so far, this one included. */
  readonly tries: number;
  /** Unix milliseconds. A retry that would begin later than this is not made: what is missing has failed. */
  readonly noTryAfterMs: number;
  /** When it is aborted, nothing is written any more. */
  readonly signal: AbortSignal;
  /** Set where it may turn out that the list is not wanted: its answer is kept back until this is decided. */
  readonly undecided?: Pick<Undecided, 'begun' | 'decided'> | undefined;
  /** Called when the cloud was asked. */
  readonly onAsked?: (() => void) | undefined;
}

export interface NotYet {
  readonly problem: Problem;
  readonly retryInSeconds: number;
}

export interface Tried {
  readonly kinds: readonly KindOutcome[];
  /** Set where kinds are to be asked for again. */
  readonly again: NotYet | null;
  /** Why the whole discovery ends: the credential is refused, or the connection has ended. */
  readonly end:
    { readonly outcome: 'unauthorized'; readonly problem: Problem } | { readonly outcome: 'dropped' } | null;
}

/**
 * Makes one list and writes each of its kinds to the inventory: complete, in part, or as failed. Kinds that failed or
 * lost parts for a transient cause are answered as to be asked for again. Rejects where the signal is aborted or the list
 * is not wanted, and with "not yet" where a store does not answer.
 */
export async function tryList(deps: DiscoveryDependencies, one: OneTry): Promise<Tried> {
  const { undecided } = one;
  const inSlot = async <T>(work: () => Promise<T>): Promise<T> => await deps.listSlots.use(one.signal, work);
  if (!undecided) return await inSlot(async () => await writeAnswer(deps, one, await ask(deps, one)));
  await undecided.begun;
  const asked = await inSlot(async () => await ask(deps, one));
  // Without a slot of this process: the deciding list may need it.
  await undecided.decided;
  return await inSlot(async () => await writeAnswer(deps, one, asked));
}

interface Asked {
  readonly answer: Answer<Listing>;
  readonly seconds: number;
}

async function ask(deps: DiscoveryDependencies, one: OneTry): Promise<Asked> {
  const { connection, job, signal } = one;
  const startedAtMs = performance.now();
  const asking = { connection, about: { list: job.list, project: job.place }, signal };
  const answer = await askInTime(deps, asking, async (lister, context, sent) => {
    const listing = listWith(lister, context, job);
    one.onAsked?.();
    return sent.listing(await listing);
  });
  return { answer, seconds: secondsSince(startedAtMs) };
}

const listWith = async (lister: ResourceLister, context: ListContext, { list, kinds, place }: ListJob) =>
  list === null ? await lister.listProjects(context) : await lister.list(context, { list, kinds, projectId: place });

const secondsSince = (startedAtMs: number): number => (performance.now() - startedAtMs) / 1000;

async function writeAnswer(deps: DiscoveryDependencies, one: OneTry, { answer, seconds }: Asked): Promise<Tried> {
  one.signal.throwIfAborted();
  const startedAtMs = performance.now();
  const tried = await writeKinds(deps, one, answer);
  const { provider } = one.connection;
  const list = { provider, seconds: seconds + secondsSince(startedAtMs) };
  for (const { kind, outcome } of tried.kinds) {
    deps.discovery.onList?.({ ...list, kind, outcome: outcome?.outcome ?? 'not_yet' });
  }
  return tried;
}

async function writeKinds(deps: DiscoveryDependencies, one: OneTry, answer: Answer<Listing>): Promise<Tried> {
  const { connection, epoch, since, job, signal } = one;
  const { list, place } = job;
  const { source, notice } = answer.outcome === 'answered' ? answer.value : { source: '', notice: null };
  const kinds: KindOutcome[] = [];
  let again: NotYet | null = null;
  for (const listing of kindsOf(answer, job.kinds)) {
    const { kind } = listing;
    const retry = retryOf(deps, one, answer, listing);
    if (retry) again = longer(again, retry);
    if (retry && listing.outcome === 'failed') {
      kinds.push({ kind, outcome: null, changes: noChange, access: null });
      continue;
    }
    const written = await writeKind(deps, { connection, epoch, since, list, place, kind, signal }, listing, {
      source,
      notice,
    });
    if (written === 'dropped') return { kinds, again, end: { outcome: 'dropped' } };
    if (!retry) logTrouble(deps, one, kind, written.outcome);
    const { outcome, access, refusal } = written;
    kinds.push({ kind, outcome: retry ? null : outcome, changes: outcome.changes, access });
    if (refusal) return { kinds, again, end: { outcome: 'unauthorized', problem: refusal } };
  }
  if (answer.outcome === 'unauthorized') return { kinds, again: null, end: answer };
  return { kinds, again, end: null };
}

const noChange = { added: 0, removed: 0, changed: 0 };

/** One for each kind that was asked for, whatever the lister answers. */
function kindsOf(answer: Answer<Listing>, asked: readonly string[]): readonly KindListing[] {
  const failed = (kind: string, failure: ListFailure): KindListing => ({ kind, outcome: 'failed', failure });
  switch (answer.outcome) {
    case 'answered':
      return asked.map((kind) => answer.value.kinds.find((each) => each.kind === kind) ?? failed(kind, unanswered));
    case 'failed':
      return asked.map((kind) => failed(kind, answer.failure));
    case 'unauthorized': {
      const { problem } = answer;
      return asked.map((kind) => failed(kind, { class: 'revoked', problem, retryAfterSeconds: null, denied: null }));
    }
  }
}

const unanswered: ListFailure = {
  class: 'transient',
  problem: problems.internal,
  retryAfterSeconds: null,
  denied: null,
};

/** When a kind is asked for again; null = it is complete, another attempt would not change it, or there is no time. */
function retryOf(
  { clock }: Pick<DiscoveryDependencies, 'clock'>,
  { tries, noTryAfterMs }: OneTry,
  answer: Answer<Listing>,
  listing: KindListing,
): NotYet | null {
  if (answer.outcome === 'failed' && !answer.mayRetry) return null;
  const causes = listing.outcome === 'failed' ? [listing.failure] : listing.losses;
  const [first, ...others] = causes.filter((cause) => cause.class === 'transient');
  if (!first || tries >= TRIES) return null;
  const pause = ({ retryAfterSeconds }: ListFailure): number =>
    retryAfterSeconds ?? Math.min(2 ** tries, LONGEST_PAUSE_SECONDS);
  const retryInSeconds = Math.max(pause(first), ...others.map(pause));
  const isInTime = clock.now() + retryInSeconds * 1000 <= noTryAfterMs;
  return isInTime ? { problem: first.problem, retryInSeconds } : null;
}

const longer = (one: NotYet | null, other: NotYet): NotYet =>
  one && one.retryInSeconds >= other.retryInSeconds ? one : other;

/** The code alone: a cloud's sentence may quote what was sent. */
function logTrouble(
  { logger }: Pick<DiscoveryDependencies, 'logger'>,
  { connection, job }: OneTry,
  kind: string,
  { outcome, problem }: Exclude<KindWritten, 'dropped'>['outcome'],
): void {
  if (!problem) return;
  logger.warn(
    {
      connection: connection.id,
      provider: connection.provider,
      kind,
      project: job.place,
      outcome,
      problem: problem.code,
    },
    'A list of resources is not complete.',
  );
}
