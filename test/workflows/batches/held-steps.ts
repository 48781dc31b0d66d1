import type { WorkflowHandle } from '@temporalio/client';
import type { BatchActivities } from '../../../contracts/batches.ts';
import { eventually } from '../../support/eventually.ts';

/**
 * The time-skipping server never answers an update that cancels an activity which ends during the same workflow task: it
 * refuses the task with "ACTIVITY_UNKNOWN" and keeps half of it. Temporal itself takes it. Scripted steps last
 * milliseconds, so they are kept from ending while a batch is cancelled.
 */
export interface HeldSteps {
  advanceBatch: BatchActivities['advanceBatch'];
  /** Does the work while no step of the batch ends. */
  during<T>(handle: WorkflowHandle, work: () => Promise<T>): Promise<T>;
}

export function createHeldSteps(advanceBatch: BatchActivities['advanceBatch']): HeldSteps {
  let released: Promise<void> | undefined;
  const held = new Set<string>();
  return {
    async advanceBatch(input) {
      const outcome = await advanceBatch(input);
      if (!released) return outcome;
      held.add(input.batch.id);
      await released;
      held.delete(input.batch.id);
      return outcome;
    },
    async during(handle, work) {
      const end = Promise.withResolvers<void>();
      released = end.promise;
      try {
        await eventually('a step that is held, or none', async () => {
          if (held.has(handle.workflowId)) return true;
          const { raw } = await handle.describe();
          return (raw.pendingActivities ?? []).length === 0;
        });
        return await work();
      } finally {
        released = undefined;
        end.resolve();
      }
    },
  };
}
