import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../contracts/activities.ts';
import { taskQueues } from '../../contracts/ids.ts';
import { iso } from '../../contracts/time.ts';
import {
  replayIdPattern,
  replayScopes,
  replaySignals,
  type ReplayInput,
  type ReplayPageInput,
  type ReplayView,
} from '../../contracts/webhook-replays.ts';
import {
  afterPage,
  cancelledReplay,
  endedReplay,
  estimated,
  initialReplay,
  replayDetails,
  type ReplayState,
} from './replay-state.ts';

/** Well below Temporal's limits; a page is about ten events. */
const EVENTS_PER_RUN = 1_000;
/** Between two pages of 50: so many deliveries a second leave room for what happens now. */
const PAUSE_MS = 1_000;
/** Behind what connections ask for. */
const PRIORITY = 5;

const cancelSignal = defineSignal(replaySignals.cancel);

/** `tenant` is the fairness key, on servers that support it. A page that is repeated starts nothing twice. */
const activitiesOf = (tenant: string) =>
  proxyActivities<Activities>({
    taskQueue: taskQueues.workflows,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    startToCloseTimeout: '1 min',
    heartbeatTimeout: '10 s',
    retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
    priority: { priorityKey: PRIORITY, fairnessKey: tenant },
  });

/**
 * Delivers events to one endpoint again, page by page: those of deliveries that exist, and with the scope `all` those that
 * are kept. Events stay in the activity: the history holds counts and positions. `carried` is the state of the run before.
 */
export async function webhookReplay(input: ReplayInput, carried?: ReplayState): Promise<ReplayView> {
  assertReplay(input);
  const { tenant } = input;
  let state = carried ?? initialReplay(input, workflowInfo().startTime.toISOString());
  const { estimateReplay, replayPage } = activitiesOf(tenant);
  const change = (next: ReplayState): void => {
    if (next === state) return;
    state = next;
    upsertMemo({ view: state.view });
    setCurrentDetails(replayDetails(state));
  };
  const cancel = (): void => change(cancelledReplay(state, iso(Date.now())));
  setHandler(cancelSignal, cancel);
  setCurrentDetails(replayDetails(state));
  const root = CancellationScope.current();
  return await CancellationScope.nonCancellable(async () => {
    // An operator's Cancel is the tenant's: the page under way is finished.
    root.cancelRequested.catch(cancel);
    if (state.view.estimate === null) {
      const { estimate } = await estimateReplay.executeWithOptions({ summary: 'Count what is replayed' }, [
        pageOf(input, state),
      ]);
      change(estimated(state, estimate, iso(Date.now())));
    }
    while (state.view.status === 'running' && state.position) {
      const { replayed } = state.view;
      const summary = `Replay from ${replayed} on`;
      const page = await replayPage.executeWithOptions({ summary }, [pageOf(input, state)]);
      change(afterPage(state, page, iso(Date.now())));
      if (!state.position) break;
      await condition(() => state.view.status !== 'running', PAUSE_MS);
      if (workflowInfo().historyLength > EVENTS_PER_RUN) return await continueAsNew(input, state);
    }
    change(endedReplay(state, iso(Date.now())));
    return state.view;
  });
}

const pageOf = ({ tenant, endpoint, scope, since }: ReplayInput, state: ReplayState): ReplayPageInput => ({
  v: 1,
  tenant,
  endpoint,
  scope,
  since,
  startedAt: state.startedAt,
  position: state.position ?? { source: 'deliveries', token: null },
});

/** The whole memo is passed on: Temporal would bring the first run's back. */
async function continueAsNew(input: ReplayInput, state: ReplayState): Promise<never> {
  const next = makeContinueAsNewFunc<typeof webhookReplay>({ memo: { ...workflowInfo().memo, view: state.view } });
  return await next(input, state);
}

/** An operator may start one by hand: an unexpected value fails the workflow, not its task again and again. */
function assertReplay(input: ReplayInput | undefined): void {
  const { v, id, tenant, endpoint, scope, since } = (input as Partial<ReplayInput> | undefined) ?? {};
  const isInput =
    id === workflowInfo().workflowId &&
    new RegExp(replayIdPattern).test(id) &&
    typeof tenant === 'string' &&
    typeof endpoint === 'string' &&
    replayScopes.some((known) => known === scope) &&
    !Number.isNaN(Date.parse(since ?? ''));
  if (v === 1 && isInput) return;
  throw ApplicationFailure.nonRetryable('The input is no replay of events to an endpoint.', 'invalid_input');
}
