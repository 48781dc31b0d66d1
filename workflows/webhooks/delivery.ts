import { defineSearchAttributeKey } from '@temporalio/common';
import {
  ApplicationFailure,
  condition,
  defineSignal,
  isCancellation,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../contracts/activities.ts';
import { taskQueues } from '../../contracts/ids.ts';
import { inMarkdown } from '../../contracts/plain-text.ts';
import { searchAttributes as names } from '../../contracts/search-attributes.ts';
import {
  deliverySignals,
  deliveryWorkflowId,
  type AttemptOutcome,
  type DeliveryInput,
  type DeliveryView,
} from '../../contracts/webhooks.ts';
import { RUN_MS } from './schedule.ts';
import { afterAttempt, detailsOf, dropped, initialState, problemOf, type DeliveryState } from './state.ts';

/**
 * One attempt of the schedule is one activity, which returns what came of it. It is repeated where its worker was killed,
 * and while the endpoint cannot be read or wants fewer requests: then nothing has been sent.
 */
const { deliverWebhook } = proxyActivities<Activities>({
  taskQueue: taskQueues.webhooks,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  startToCloseTimeout: '25 s',
  heartbeatTimeout: '8 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 min' },
});

const keys = {
  status: defineSearchAttributeKey(names.status.name, 'KEYWORD'),
  reason: defineSearchAttributeKey(names.reason.name, 'KEYWORD'),
} as const;

const retryNowSignal = defineSignal(deliverySignals.retryNow);

/**
 * Delivers one event to one endpoint: attempts on a schedule of about three days, until one succeeds. `carried` is the
 * state of the run before, when this one continues it.
 */
export async function webhookDelivery(input: DeliveryInput, carried?: DeliveryState): Promise<DeliveryView> {
  assertDelivery(input);
  const startedAtMs = Date.now();
  let state = carried ?? initialState(input, startedAtMs);
  const become = (next: DeliveryState): void => {
    announce(state, next);
    state = next;
  };
  let isWanted = false;
  setHandler(retryNowSignal, () => {
    isWanted = true;
  });
  setCurrentDetails(detailsOf(state, inMarkdown));
  try {
    while (state.view.status === 'pending') {
      await untilDue(state, startedAtMs + RUN_MS, () => isWanted);
      if (!isWanted && !isDue(state)) return await continueAsNew(state, input);
      const outcome = await attemptOnce(state, input);
      // Asked for while the attempt was made: that was it.
      isWanted = false;
      become(afterAttempt(state, outcome, Date.now(), Math.random()));
    }
  } catch (error) {
    if (isCancellation(error)) become(dropped(state));
    throw error;
  }
  return state.view;
}

async function attemptOnce(
  { view }: DeliveryState,
  { tenant, endpoint, event }: DeliveryInput,
): Promise<AttemptOutcome> {
  const attempt = view.attempts.length + 1;
  const input = { v: 1, tenant, endpoint, event, attempt } as const;
  return await deliverWebhook.executeWithOptions({ summary: `Attempt ${attempt}` }, [input]);
}

const isDue = ({ view }: DeliveryState): boolean => Date.parse(view.nextAttemptAt ?? '') <= Date.now();

/** Until the next attempt is due, or asked for, or the run is over. */
async function untilDue({ view }: DeliveryState, runEndsAtMs: number, isWanted: () => boolean): Promise<void> {
  const dueAtMs = Date.parse(view.nextAttemptAt ?? '');
  const waitMs = Math.min(dueAtMs, runEndsAtMs) - Date.now();
  if (waitMs > 0) await condition(isWanted, waitMs, { summary: `Next attempt at ${view.nextAttemptAt}` });
}

/** In the task of the change, so that a reader of the memo sees it. */
function announce(before: DeliveryState, state: DeliveryState): void {
  setCurrentDetails(detailsOf(state, inMarkdown));
  upsertMemo({ view: state.view });
  const reason = problemOf(state)?.code ?? null;
  const isNewStatus = before.view.status !== state.view.status;
  const isNewReason = (problemOf(before)?.code ?? null) !== reason;
  if (!isNewStatus && !isNewReason) return;
  upsertSearchAttributes([
    ...(isNewStatus ? [{ key: keys.status, value: state.view.status }] : []),
    ...(isNewReason ? [{ key: keys.reason, value: reason }] : []),
  ]);
}

/** The whole memo is passed on: Temporal would bring the first run's back. */
async function continueAsNew(state: DeliveryState, input: DeliveryInput): Promise<never> {
  const next = makeContinueAsNewFunc<typeof webhookDelivery>({ memo: { ...workflowInfo().memo, view: state.view } });
  return await next(input, state);
}

function assertDelivery(input: DeliveryInput | undefined): void {
  const { v, tenant, endpoint, event } = (input as Partial<DeliveryInput> | undefined) ?? {};
  const isInput = typeof tenant === 'string' && typeof endpoint === 'string' && typeof event?.id === 'string';
  if (v === 1 && isInput && deliveryWorkflowId(endpoint, event.id) === workflowInfo().workflowId) return;
  throw ApplicationFailure.nonRetryable('The input is no delivery of an event to an endpoint.', 'invalid_input');
}
