import { ScheduleAlreadyRunning, type Client, type ScheduleOptions } from '@temporalio/client';
import { scheduleIds, taskQueues, workflowTypes } from '../contracts/ids.ts';

/**
 * Every five minutes, one at a time. The run takes no input and its schedule no memo: nothing in it is sealed, so that no
 * key has to be kept for it.
 */
const reconcile = {
  scheduleId: scheduleIds.reconcile,
  spec: { intervals: [{ every: '5 min' }], jitter: '30 s' },
  action: {
    type: 'startWorkflow',
    workflowType: workflowTypes.reconcile,
    workflowId: scheduleIds.reconcile,
    taskQueue: taskQueues.workflows,
    args: [],
    // While no worker runs, one waits; it must not wait for ever beside newer ones.
    workflowRunTimeout: '1 h',
  },
  policies: { overlap: 'SKIP', catchupWindow: '1 min' },
} as const satisfies ScheduleOptions;

/** Creates the schedules, or brings them up to this build. One that an operator paused stays paused. */
export async function putSchedules({ schedule }: Pick<Client, 'schedule'>): Promise<void> {
  try {
    await schedule.create(reconcile);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, action, policies } = reconcile;
    await schedule.getHandle(reconcile.scheduleId).update(({ state: { paused, note } }) => ({
      spec,
      action,
      policies,
      state: { paused, ...(note === undefined ? {} : { note }) },
    }));
  }
}
