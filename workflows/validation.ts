import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import { untilDone } from './connection/activities.ts';
import { lastAttempt } from './connection/failures.ts';
import { providerQueues } from '../contracts/ids.ts';
import type { Activities } from '../contracts/activities.ts';
import type { ConnectionRef } from '../contracts/connection.ts';
import { problems } from '../contracts/problem.ts';
import { validationNames, type ValidationInput, type ValidationOutcome } from '../contracts/validation.ts';

const submittedSignal = defineSignal(validationNames.submitted);

/** The API stores the values right after the start; after this long it has failed to. */
const LONGEST_WAIT = '30 s';

/** A person waits for the answer: two tries. */
const activitiesOf = (provider: string) =>
  proxyActivities<Activities>({
    taskQueue: providerQueues(provider).now,
    startToCloseTimeout: '9 s',
    heartbeatTimeout: '8 s',
    scheduleToCloseTimeout: '12 s',
    retry: { initialInterval: '1 s', maximumAttempts: 2 },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  });

/**
 * Checks submitted values and always destroys them. It is started before the values are stored: in the other order, a
 * process that ended right after storing them would leave them behind for ever.
 */
export async function validation({ connection, pendingRef }: ValidationInput): Promise<ValidationOutcome> {
  if (typeof (connection as ConnectionRef | undefined)?.provider !== 'string' || typeof pendingRef !== 'string') {
    throw ApplicationFailure.nonRetryable('The input names no submission to check.', 'invalid_input');
  }
  let isSubmitted = false;
  setHandler(submittedSignal, () => {
    isSubmitted = true;
  });
  try {
    await condition(() => isSubmitted, LONGEST_WAIT);
    return await activitiesOf(connection.provider).checkSubmission.executeWithOptions(
      { summary: 'Prove what was submitted' },
      [{ connection, pendingRef }],
    );
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { outcome: 'unavailable', problem: lastAttempt(error)?.problem ?? problems.internal };
  } finally {
    await CancellationScope.nonCancellable(() =>
      untilDone.destroySecrets.executeWithOptions({ summary: 'Destroy what was submitted' }, [{ connection }]),
    );
  }
}
