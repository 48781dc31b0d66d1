import { cancellationSignal, Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';

import { withChanges } from '../../contracts/discovery-tally.ts';
import type { ChangeCounts, DiscoveryInput, PlaceOutcome } from '../../contracts/discovery.ts';
import { methodManifestOf, type DiscoveryDependencies } from '../dependencies.ts';
import { notYet } from '../failures.ts';
import { beat, keepInHeartbeat } from '../heartbeat-details.ts';
import { listerOf } from './ask-cloud.ts';
import { createExpectedLists, type ExpectedJobs } from './expected-lists.ts';
import { createJobQueue, createListJobs, type ListJob, type ListJobs } from './list-jobs.ts';
import { kindsLeft, readProgress, triesOf, withAttempt } from './list-progress.ts';
import { tellAccess } from './tell-access.ts';
import { tryList, type NotYet, type Tried } from './try-list.ts';

/** From when the activity was scheduled. Well below its timeout, so that it can still return what it has. */
const BUDGET_MS = 90 * 60 * 1000;

export interface JobsToDo {
  readonly jobs: readonly ListJob[];
  /** What follows once a job is done; asked again in the next attempt. */
  readonly after?: (job: ListJob) => Promise<Following | undefined>;
  /** Lists that one of the jobs will most likely bring: they begin beside it. */
  readonly expected?: ExpectedJobs | undefined;
}

export interface Following {
  readonly jobs: readonly ListJob[];
  /** What was changed in the inventory beside the list. */
  readonly changes: ChangeCounts;
}

/** The lists that there are for a connection. */
export function jobsOf(deps: DiscoveryDependencies, connection: DiscoveryInput['connection']): ListJobs {
  const { cannotList = {} } = methodManifestOf(deps, connection) ?? {};
  return createListJobs(listerOf(deps, connection).lister, new Set(Object.keys(cannotList)));
}

/**
 * Makes lists, as many at once as the connection may have: a slot that becomes free takes the next list, whatever its
 * project. Uses the heartbeat of the activity that it runs in. Throws "not yet" where the next attempt must retry lists.
 */
export async function makeLists(
  deps: DiscoveryDependencies,
  { connection, epoch, since, concurrency }: Omit<DiscoveryInput, 'trigger'>,
  { jobs, after, expected: likely }: JobsToDo,
): Promise<PlaceOutcome> {
  const context = Context.current();
  const cancelled = cancellationSignal();
  const stop = new AbortController();
  const signal = AbortSignal.any([cancelled, stop.signal]);
  let progress = readProgress(context.info.heartbeatDetails);
  // Before the first heartbeat, which would otherwise replace the progress with nothing.
  keepInHeartbeat(context, progress);
  const noTryAfterMs = context.info.scheduledTimestampMs + BUDGET_MS;
  const queue = createJobQueue(listerOf(deps, connection).lister.placesAtOnce);
  // In the first try alone: what is answered beside a try that fails is lost, and would be asked for at each try.
  const early = likely && triesOf(progress, likely.by) === 0 ? likely.jobs : [];
  const expected = createExpectedLists(early, signal);
  const again: NotYet[] = [];
  let end: Tried['end'] = null;

  const add = async (more: readonly ListJob[]): Promise<void> => {
    const left = more.filter((job) => kindsLeft(progress, job).length > 0);
    queue.add(left);
    for (const job of more) if (!left.includes(job)) await follow(job);
  };

  const follow = async (job: ListJob): Promise<void> => {
    const following = await after?.(job);
    if (!following) return;
    if (job === likely?.by) queue.remove(expected.decide(following.jobs));
    progress = { ...progress, tally: withChanges(progress.tally, following.changes) };
    keepInHeartbeat(context, progress);
    await add(following.jobs.filter((each) => !expected.has(each)));
  };

  const make = async (job: ListJob): Promise<void> => {
    const asked = { ...job, kinds: kindsLeft(progress, job) };
    const tries = triesOf(progress, job) + 1;
    const undecided = expected.undecided(job);
    const onAsked = job === likely?.by ? () => expected.begin() : undefined;
    const one = { connection, epoch, since, job: asked, tries, noTryAfterMs, undecided, onAsked };
    const tried = await tryList(deps, { ...one, signal: undecided?.signal ?? signal }).catch((error: unknown) => {
      if (undecided?.signal.aborted && !signal.aborted) return undefined;
      throw error;
    });
    // It was decided that the list is not wanted.
    if (!tried) return;
    progress = withAttempt(progress, job, tried.kinds);
    keepInHeartbeat(context, progress);
    beat(context);
    if (tried.again) again.push(tried.again);
    if (tried.end) {
      end ??= tried.end;
      // The other lists would be refused too.
      stop.abort(new CancelledFailure('Another list was refused.'));
    } else if (kindsLeft(progress, job).length === 0) {
      await follow(job);
    } else if (job === likely?.by) {
      queue.remove(expected.decide([]));
    }
  };

  await add(jobs);
  queue.add(early);
  const failure = await runAll({ queue, atOnce: concurrency, make, stop });
  const ended = end as Tried['end'];
  if (failure && (!ended || cancelled.aborted)) throw failure.reason;
  if (ended) return ended.outcome === 'dropped' ? { ...ended, tally: progress.tally } : ended;
  if (again.length > 0) throw waitingFor(again);
  await tellAccess(deps, connection, progress.access);
  return { outcome: 'listed', tally: progress.tally };
}

interface Running {
  readonly queue: ReturnType<typeof createJobQueue>;
  readonly atOnce: number;
  readonly make: (job: ListJob) => Promise<void>;
  readonly stop: AbortController;
}

/** Waits until all have ended. The first that fails stops the others, and its failure is returned. */
async function runAll({ queue, atOnce, make, stop }: Running) {
  let failure: { readonly reason: unknown } | undefined;
  const running = new Set<Promise<void>>();
  const begin = (job: ListJob): void => {
    const run = make(job)
      .catch((reason: unknown) => {
        failure ??= { reason };
        stop.abort(reason);
      })
      .finally(() => {
        queue.ended(job);
        running.delete(run);
      });
    running.add(run);
  };
  for (;;) {
    while (!stop.signal.aborted && running.size < atOnce) {
      const job = queue.take();
      if (!job) break;
      begin(job);
    }
    if (running.size === 0) return failure;
    await Promise.race(running);
  }
}

/** Ends the attempt, so that its slot is free during the wait. The next attempt makes only these lists. */
function waitingFor(again: readonly NotYet[]) {
  const longest = again.reduce((one, other) => (other.retryInSeconds > one.retryInSeconds ? other : one));
  return notYet(longest.problem, longest.retryInSeconds);
}
