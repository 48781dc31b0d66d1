import type { WorkflowInterceptors } from '@temporalio/workflow';
import type { ConnectionActivities } from '../../../contracts/activities.ts';

const KEEP_FRESH = 'keepFresh' satisfies keyof ConnectionActivities;

/** The workflows of a build to come: its `keepFresh` is given a second version of its input. */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      async scheduleActivity(input, next) {
        if (input.activityType !== KEEP_FRESH) return await next(input);
        const [first] = input.args as [object];
        return await next({ ...input, args: [{ ...first, v: 2 }] });
      },
    },
  ],
});
