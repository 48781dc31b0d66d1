import type { ScheduleClient } from '@temporalio/client';
import { isRefusedPayload } from '../../contracts/refused-payload.ts';

/**
 * Seals the input of a schedule's workflow again, with the first key of the client's ring, and changes nothing else: a
 * schedule is otherwise never rewritten, and would need its old key for years. Throws if the input was refused, because
 * a sealed refusal would look like an input of ours.
 */
export async function resealSchedule(schedules: ScheduleClient, scheduleId: string): Promise<void> {
  await schedules.getHandle(scheduleId).update(({ spec, action, policies, state }) => {
    const sealed = [...(action.args ?? []), ...Object.values(action.memo ?? {})];
    if (sealed.some(isRefusedPayload)) {
      throw new Error(`The input of the schedule "${scheduleId}" was not sealed by Mooring: delete the schedule.`);
    }
    return { spec, action, policies, state };
  });
}
