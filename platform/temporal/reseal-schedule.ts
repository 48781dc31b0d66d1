import type { ScheduleClient } from '@temporalio/client';
import { isRefusedPayload } from '../../contracts/refused-payload.ts';

/**
 * Seals what a schedule starts its workflow with again, with the first key of the client's ring: nothing else ever writes
 * it again. For each schedule, at every start of a worker; changes nothing else of it. Throws where its input was
 * refused, because sealing the refusal would make it look like ours.
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
