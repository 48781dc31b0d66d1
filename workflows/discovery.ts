import {
  ActivityFailure,
  continueAsNew,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  DiscoveryActivities,
  DiscoveryDone,
  DiscoveryInput,
  DiscoveryProgress,
  ListOutcome,
  ListRef,
} from './contracts/discovery.ts';
import { lastAttempt } from './connection.failures.ts';
import { iso } from './contracts/time.ts';
import { taskQueues } from './contracts/ids.ts';
import { messages } from './contracts/messages.ts';
import { problems, type Problem } from './contracts/problem.ts';
import { emptyTally, tallied } from './discovery.state.ts';

export const discoveryDoneSignal = defineSignal<[DiscoveryDone]>(messages.discoveryDone);

/** An account of hundreds of projects makes thousands of lists: the run is continued well below Temporal's limits. */
const EVENTS_PER_RUN = 4_000;

const activities = proxyActivities<DiscoveryActivities>({
  taskQueue: taskQueues.discovery,
  startToCloseTimeout: '5 min',
  scheduleToCloseTimeout: '30 min',
  heartbeatTimeout: '10 s',
  retry: { initialInterval: '2 s', backoffCoefficient: 2, maximumInterval: '1 min', maximumAttempts: 5 },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

/**
 * Lists everything there is in one account, a bounded number of lists at a time. The connection never waits for it:
 * it outlives its parent's runs and tells it by signal.
 */
export async function discovery(input: DiscoveryInput, progress?: DiscoveryProgress): Promise<void> {
  const { connection, epoch, since } = input;
  const work = progress ?? (await plan(input));
  if ('unauthorized' in work) return tell(input, { since, outcome: 'unauthorized', problem: work.unauthorized });
  const remaining = [...work.remaining];
  let { tally } = work;
  let unauthorized: Problem | undefined;

  const lister = async (): Promise<void> => {
    while (!unauthorized && !isRunFull()) {
      const list = remaining.shift();
      if (!list) return;
      const summary = `List ${list.kind}${list.project === null ? '' : ` of project ${list.project}`}`;
      const outcome = await attempt(() =>
        activities.listResources.executeWithOptions({ summary }, [{ connection, epoch, list }]),
      );
      if (outcome.outcome === 'unauthorized') unauthorized = outcome.problem ?? problems.internal;
      tally = tallied(tally, outcome);
      // The connection has ended: whatever else is listed would be refused too.
      if (outcome.outcome === 'dropped') remaining.length = 0;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: input.concurrency }, lister));
  // Cancelled: only once no list is under way any more, so that an end means that nothing is written after it.
  for (const end of ends) if (end.status === 'rejected') throw end.reason;

  if (unauthorized) return tell(input, { since, outcome: 'unauthorized', problem: unauthorized });
  if (remaining.length > 0) return continueAsNew<typeof discovery>(input, { remaining, tally });
  const summary = { ...tally, trigger: input.trigger, startedAt: since, finishedAt: iso(Date.now()) };
  return tell(input, { since, outcome: 'done', summary });
}

async function plan({ connection, epoch }: DiscoveryInput): Promise<DiscoveryProgress | { unauthorized: Problem }> {
  let lists: readonly ListRef[] = [];
  const outcome = await attempt(async () => {
    const planned = await activities.planDiscovery.executeWithOptions({ summary: 'List the projects' }, [
      { connection, epoch },
    ]);
    lists = planned.lists;
    return planned.outcome;
  });
  if (outcome.outcome === 'unauthorized') return { unauthorized: outcome.problem ?? problems.internal };
  return { remaining: lists, tally: tallied(emptyTally, outcome) };
}

/** A list whose tries are used up is a failed list, not a failed discovery: the others are worth having. */
async function attempt(run: () => Promise<ListOutcome>): Promise<ListOutcome> {
  try {
    return await run();
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const changes = { added: 0, removed: 0, changed: 0 };
    // A killed worker leaves no problem behind; a store that was away for too long does.
    const problem = error.cause instanceof TimeoutFailure ? problems.listTimedOut : lastAttempt(error)?.problem;
    return { outcome: 'failed', resources: 0, changes, problem: problem ?? problems.internal, notice: null };
  }
}

const isRunFull = (): boolean => workflowInfo().historyLength > EVENTS_PER_RUN || workflowInfo().continueAsNewSuggested;

/** To whichever run of the connection is there now; one that has ended meanwhile has no use for it. */
async function tell({ connection }: DiscoveryInput, done: DiscoveryDone): Promise<void> {
  try {
    await getExternalWorkflowHandle(connection.id).signal(discoveryDoneSignal, done);
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
}
