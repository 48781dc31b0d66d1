import {
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import { untilDone } from './connection.activities.ts';
import { lastAttempt } from './connection.failures.ts';
import { taskQueues } from './contracts/ids.ts';
import { problems } from './contracts/problem.ts';
import {
  validationNames,
  type ValidationActivities,
  type ValidationInput,
  type ValidationOutcome,
} from './contracts/validation.ts';

const submittedSignal = defineSignal(validationNames.submitted);

/** Whoever started it stores the values at once, or never will. */
const LONGEST_WAIT = '30 s';

/** Somebody waits for the answer: two tries. */
const activities = proxyActivities<ValidationActivities>({
  taskQueue: taskQueues.upkeep,
  startToCloseTimeout: '9 s',
  heartbeatTimeout: '8 s',
  scheduleToCloseTimeout: '12 s',
  retry: { initialInterval: '1 s', maximumAttempts: 2 },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

/**
 * Looks at submitted values and destroys them, whatever comes of it. It is started before they are stored: were it
 * the other way round, nobody would destroy what a process stored just before it ended.
 */
export async function validation({ connection, pendingRef }: ValidationInput): Promise<ValidationOutcome> {
  let isSubmitted = false;
  setHandler(submittedSignal, () => {
    isSubmitted = true;
  });
  try {
    await condition(() => isSubmitted, LONGEST_WAIT);
    return await activities.checkSubmission.executeWithOptions({ summary: 'Prove what was submitted' }, [
      { connection, pendingRef },
    ]);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { outcome: 'unavailable', problem: lastAttempt(error)?.problem ?? problems.internal };
  } finally {
    await CancellationScope.nonCancellable(() =>
      untilDone.destroySecrets.executeWithOptions({ summary: 'Destroy what was submitted' }, [{ connection }]),
    );
  }
}
