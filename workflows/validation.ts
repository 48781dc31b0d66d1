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

/** Whoever started it stores the values at once, or never will. */
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
 * Looks at submitted values and destroys them, whatever comes of it. It is started before they are stored: were it
 * the other way round, nobody would destroy what a process stored just before it ended.
 */
export async function validation({ connection, pendingRef }: ValidationInput): Promise<ValidationOutcome> {
  if (typeof (connection as ConnectionRef | undefined)?.provider !== 'string' || typeof pendingRef !== 'string') {
    throw ApplicationFailure.nonRetryable('This names nothing to look at.', 'invalid_input');
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
