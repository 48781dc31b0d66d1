import { cancellationSignal, Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';

import { emptyTally, tallied } from '../../contracts/discovery-tally.ts';
import type {
  DiscoveryActivities,
  DiscoveryTally,
  ListOutcome,
  Place,
  PlaceOutcome,
} from '../../contracts/discovery.ts';
import { problems } from '../../contracts/problem.ts';
import type { ResourceLister } from '../../providers/listing/lister.ts';
import type { DiscoveryDependencies } from '../dependencies.ts';
import { notYet } from '../failures.ts';
import { beat, keepInHeartbeat } from '../heartbeat-details.ts';
import { listerOf } from './ask-cloud.ts';
import { tryList, type NotYet } from './try-list.ts';

/** From when the activity was scheduled. Well below its timeout, so that it can still return what it has. */
const BUDGET_MS = 90 * 60 * 1000;

/** Every kind of resource in one project, or at the account. */
export const createListProject =
  (deps: DiscoveryDependencies): DiscoveryActivities['listProject'] =>
  async (input) =>
    await listPlace(deps, input, Context.current().info.scheduledTimestampMs + BUDGET_MS);

/** Uses the heartbeat of the activity that it runs in. Throws "not yet" where the next attempt must retry lists. */
export async function listPlace(
  deps: DiscoveryDependencies,
  { connection, epoch, place, listsAtOnce }: Parameters<DiscoveryActivities['listProject']>[0],
  noTryAfterMs: number,
): Promise<PlaceOutcome> {
  const context = Context.current();
  const cancelled = cancellationSignal();
  const stop = new AbortController();
  const signal = AbortSignal.any([cancelled, stop.signal]);
  let progress = readProgress(context.info.heartbeatDetails);
  // Before the first heartbeat, which would otherwise replace the progress with nothing.
  keepInHeartbeat(context, progress);
  const waiting = kindsIn(listerOf(deps, connection).lister, place).filter((kind) => !progress.done.includes(kind));
  const again: NotYet[] = [];
  let end: PlaceOutcome | undefined;

  const lister = async (): Promise<void> => {
    for (let kind = waiting.shift(); kind !== undefined && !end; kind = waiting.shift()) {
      const tries = (progress.tries[kind] ?? 0) + 1;
      const one = { connection, epoch, list: { kind, project: place }, tries, noTryAfterMs, signal };
      const asked = kind;
      const outcome = await tryList(deps, one, async (cloud, at) => await cloud.listKind(at, asked, place));
      if (outcome.outcome === 'not_yet') {
        again.push(outcome);
        progress = withTry(progress, kind, tries);
      } else {
        progress = withList(progress, kind, outcome);
        end ??= endOf(outcome, progress.tally);
      }
      keepInHeartbeat(context, progress);
      beat(context);
    }
    // The other lists would be refused too.
    if (end) stop.abort(new CancelledFailure('Another list was refused.'));
  };
  const failure = await untilAllEnd(Array.from({ length: listsAtOnce }, lister), stop);

  if (failure && (!end || cancelled.aborted)) throw failure.reason;
  if (end) return end;
  if (again.length > 0) throw waitingFor(again);
  return { outcome: 'listed', tally: progress.tally };
}

/** Without the list of projects, which was made when the discovery was planned. */
export function kindsIn({ kinds, projectKind }: ResourceLister, place: Place): string[] {
  const scope = place === null ? 'account' : 'project';
  return kinds.filter((kind) => kind.scope === scope && kind.id !== projectKind).map(({ id }) => id);
}

function endOf({ outcome, problem }: ListOutcome, tally: DiscoveryTally): PlaceOutcome | undefined {
  if (outcome === 'unauthorized') return { outcome, problem: problem ?? problems.internal };
  return outcome === 'dropped' ? { outcome, tally } : undefined;
}

/** Waits until all have ended. The first that fails stops the others, and its failure is returned. */
async function untilAllEnd(running: readonly Promise<void>[], stop: AbortController) {
  let failure: { readonly reason: unknown } | undefined;
  const end = async (each: Promise<void>): Promise<void> =>
    await each.catch((reason: unknown) => {
      failure ??= { reason };
      stop.abort(reason);
    });
  await Promise.all(running.map(end));
  return failure;
}

/** Ends the attempt, so that its slot is free during the wait. The next attempt makes only these lists. */
function waitingFor(again: readonly NotYet[]) {
  const longest = again.reduce((one, other) => (other.retryInSeconds > one.retryInSeconds ? other : one));
  return notYet(longest.problem, longest.retryInSeconds);
}

/** The progress of the lists in one place, which an attempt passes to the next one in its heartbeat. */
export interface PlaceProgress {
  readonly v: 1;
  /** The kinds whose lists are complete, or have failed for good. */
  readonly done: readonly string[];
  /** How often the others were tried. */
  readonly tries: Readonly<Record<string, number>>;
  readonly tally: DiscoveryTally;
}

const nothing: PlaceProgress = { v: 1, done: [], tries: {}, tally: emptyTally };

/** The progress of the previous attempt; empty where there is none, or it has another version. */
function readProgress(details: unknown): PlaceProgress {
  const known = details as Partial<PlaceProgress> | null | undefined;
  return known?.v === 1 ? { ...nothing, ...known } : nothing;
}

const withList = (progress: PlaceProgress, kind: string, outcome: ListOutcome): PlaceProgress => ({
  ...progress,
  done: [...progress.done, kind],
  tally: tallied(progress.tally, outcome),
});

const withTry = (progress: PlaceProgress, kind: string, tries: number): PlaceProgress => ({
  ...progress,
  tries: { ...progress.tries, [kind]: tries },
});
