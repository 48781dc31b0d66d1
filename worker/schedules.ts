import { isDeepStrictEqual } from 'node:util';
import {
  ScheduleAlreadyRunning,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
} from '@temporalio/client';
import { scheduleIds, taskQueues, workflowTypes } from '../contracts/ids.ts';

const MINUTE_MS = 60_000;

/**
 * Every five minutes, one at a time. The run has no input and the schedule no memo, so nothing in it is sealed and no
 * key has to be kept for it.
 */
const reconcile = {
  scheduleId: scheduleIds.reconcile,
  spec: { intervals: [{ every: 5 * MINUTE_MS }], jitter: MINUTE_MS / 2 },
  action: {
    type: 'startWorkflow',
    workflowType: workflowTypes.reconcile,
    workflowId: scheduleIds.reconcile,
    taskQueue: taskQueues.workflows,
    args: [],
    // Without a worker a run waits. The timeout keeps it from waiting beside newer runs without end.
    workflowRunTimeout: 60 * MINUTE_MS,
  },
  policies: { overlap: 'SKIP', catchupWindow: MINUTE_MS },
} as const satisfies ScheduleOptions;

/** Creates the schedules, or updates those of another build to this one. One that an operator paused stays paused. */
export async function putSchedules({ schedule }: Pick<Client, 'schedule'>): Promise<void> {
  try {
    await schedule.create(reconcile);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const handle = schedule.getHandle(reconcile.scheduleId);
    // An update replaces the state too: one that changes nothing else could undo what an operator does at this moment.
    if (isDeepStrictEqual(whatItDoes(await handle.describe()), whatItDoes(reconcile))) return;
    const { spec, action, policies } = reconcile;
    await handle.update(({ state: { paused, note } }) => ({
      spec,
      action,
      policies,
      state: { paused, ...(note === undefined ? {} : { note }) },
    }));
  }
}

function whatItDoes({ spec, action, policies }: ScheduleDescription | typeof reconcile) {
  const { workflowType, workflowId, taskQueue, workflowRunTimeout } = action;
  const every = spec.intervals?.map((interval) => interval.every);
  const { overlap, catchupWindow } = policies;
  return {
    every,
    jitter: spec.jitter,
    workflowType,
    workflowId,
    taskQueue,
    workflowRunTimeout,
    overlap,
    catchupWindow,
  };
}
