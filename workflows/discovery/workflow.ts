import {
  ActivityFailure,
  CancellationScope,
  continueAsNew,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../contracts/activities.ts';
import type {
  DiscoveryInput,
  DiscoveryPlanned,
  DiscoveryProgress,
  DiscoveryTally,
  Place,
} from '../../contracts/discovery.ts';
import { lastAttempt } from '../connection/failures.ts';
import { emptyTally, failedList, summed, tallied } from '../../contracts/discovery-tally.ts';
import { taskQueues } from '../../contracts/ids.ts';
import { messages, type ConnectionSignals } from '../../contracts/messages.ts';
import { inSummary } from '../../contracts/plain-text.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import { parseInput, parsePlaceOutcome, parsePlanned, parseProgress } from './parse.ts';

const discoveryDoneSignal = defineSignal<[ConnectionSignals['discoveryDone']]>(messages.discoveryDone);

/** Hundreds of projects make thousands of events: the run continues as new well below Temporal's limits. */
const EVENTS_PER_RUN = 4_000;
/** No run lives for a day, so that its input is sealed under the newest key at least daily. */
const RUN_MS = 12 * 60 * 60 * 1000;

const listing = {
  taskQueue: taskQueues.discovery,
  heartbeatTimeout: '10 s',
  retry: { initialInterval: '2 s', backoffCoefficient: 2, maximumInterval: '1 min' },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
} as const;

/** Longer than the activities' own budget, so that they return what they have instead of timing out. */
const { planDiscovery, listProject } = proxyActivities<Activities>({ ...listing, scheduleToCloseTimeout: '2 h' });
/** Touches the store alone. */
const { finishDiscovery } = proxyActivities<Activities>({
  taskQueue: taskQueues.workflows,
  startToCloseTimeout: '10 s',
  scheduleToCloseTimeout: '10 min',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

/**
 * Lists all resources of one account: a small one in one activity, a large one in an activity for every few projects. A
 * workflow of its own; the connection is signalled only if it has something to do.
 */
export async function discovery(given: DiscoveryInput, carried?: DiscoveryProgress): Promise<void> {
  const input = parseInput(given);
  const progress = carried === undefined ? undefined : parseProgress(carried);
  try {
    await discover(input, progress);
  } catch (error) {
    // Otherwise it would be shown as running. If its connection has ended, nothing is recorded.
    if (isCancellation(error)) await CancellationScope.nonCancellable(async () => await finish(input, null));
    throw error;
  }
}

async function discover(input: DiscoveryInput, progress: DiscoveryProgress | undefined): Promise<void> {
  const { since, trigger } = input;
  setCurrentDetails(`Listing the resources of \`${input.connection.id}\` since ${since} (${trigger}).`);
  const found = await list(input, progress ?? (await plan(input)));
  if (found.outcome === 'dropped' || found.outcome === 'ended') return;
  if (found.outcome === 'unauthorized') {
    await finish(input, null);
    return await tellRefusal(input, found.problem);
  }
  await finish(input, found.tally);
}

type Found =
  | { readonly outcome: 'listed'; readonly tally: DiscoveryTally }
  | { readonly outcome: 'unauthorized'; readonly problem: Problem }
  /** The plan has listed everything there is; the pass is recorded and published. */
  | { readonly outcome: 'ended' }
  /** The connection has ended: further writes would be refused too. */
  | { readonly outcome: 'dropped' };

async function plan(input: DiscoveryInput): Promise<DiscoveryProgress | Found> {
  const given = await attempt(
    async () => await planDiscovery.executeWithOptions({ summary: 'List the projects, and what they have' }, [input]),
    (problem): DiscoveryPlanned => {
      const tally = tallied(emptyTally, failedList(problem));
      return { outcome: 'planned', places: [], placesPerActivity: 1, tally };
    },
  );
  const planned = parsePlanned(given);
  if (planned.outcome !== 'planned') return planned;
  const { outcome: _planned, ...progress } = planned;
  return progress;
}

/** Ends with everything listed, or continues in another run. */
async function list(input: DiscoveryInput, progress: DiscoveryProgress | Found): Promise<Found> {
  if ('outcome' in progress) return progress;
  const remaining = [...progress.remaining];
  const { placesPerActivity } = progress;
  let { tally } = progress;
  let end: Found | undefined;
  const isRunFull = runIsFull();
  // One activity shares its slots among all its places. An older build had an activity for each, several at a time.
  const atOnce = placesPerActivity === undefined ? Math.min(input.concurrency, remaining.length) : 1;

  const lister = async (): Promise<void> => {
    while (!end && remaining.length > 0 && !isRunFull()) {
      const outcome = await listPlaces(input, remaining.splice(0, placesPerActivity ?? 1));
      if (outcome.outcome === 'unauthorized') end ??= outcome;
      else tally = summed(tally, outcome.tally);
      if (outcome.outcome === 'dropped') end = { outcome: 'dropped' };
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, lister));
  // On cancellation, wait until no list is running: once this workflow has ended, nothing may be written any more.
  for (const each of ends) if (each.status === 'rejected') throw each.reason;

  if (end) return end;
  if (remaining.length > 0) return await continueAsNew<typeof discovery>(input, { ...progress, remaining, tally });
  return { outcome: 'listed', tally };
}

async function listPlaces({ trigger: _unused, ...input }: DiscoveryInput, places: readonly Place[]) {
  const [first = null] = places;
  const others = places.length > 1 ? ` and ${places.length - 1} more` : '';
  const summary = first === null ? 'List what belongs to no project' : `List project ${inSummary(first)}${others}`;
  const given = await attempt(
    async () => await listProject.executeWithOptions({ summary }, [{ ...input, places }]),
    (problem) => ({ outcome: 'listed', tally: tallied(emptyTally, failedList(problem)) }) as const,
  );
  return parsePlaceOutcome(given);
}

/** An activity whose retries are used up is a failed list, not a failed discovery: the other lists still count. */
async function attempt<T>(run: () => Promise<T>, failed: (problem: Problem) => T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    // A killed worker leaves a timeout and no problem; an unreachable store leaves one.
    const problem = error.cause instanceof TimeoutFailure ? problems.listTimedOut : lastAttempt(error)?.problem;
    return failed(problem ?? problems.internal);
  }
}

function runIsFull(): () => boolean {
  const endsAt = Date.now() + RUN_MS;
  return () => {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return historyLength > EVENTS_PER_RUN || continueAsNewSuggested || Date.now() > endsAt;
  };
}

/** Best effort: a pass that could not be recorded is made again by upkeep. */
async function finish(input: DiscoveryInput, tally: DiscoveryTally | null): Promise<void> {
  const { connection, epoch, trigger, since } = input;
  const pass = { connection, epoch, trigger, since };
  try {
    await finishDiscovery.executeWithOptions({ summary: 'Record the pass' }, [{ ...pass, tally }]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  }
}

/** Signals the current run of the connection; if it has ended meanwhile, there is nothing to do. */
async function tellRefusal({ connection, since }: DiscoveryInput, problem: Problem): Promise<void> {
  try {
    await getExternalWorkflowHandle(connection.id).signal(discoveryDoneSignal, {
      since,
      outcome: 'unauthorized',
      problem,
    });
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
}
