import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

import { EphemeralStoreUnavailable } from '../stores/ephemeral/port.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../stores/secrets/port.ts';
import { failureTypes } from '../contracts/activities.ts';
import { problems, type Problem } from '../contracts/problem.ts';

/**
 * "Not yet": the retry policy tries the activity again. Benign, so that waiting for a cloud raises no alarm. The workflow
 * and operators read the details of the last try in the pending activity.
 */
export function notYet(problem: Problem, retryAfterSeconds: number | null = null): ApplicationFailure {
  return ApplicationFailure.create({
    type: failureTypes.notYet,
    message: problem.message,
    category: 'BENIGN',
    details: [{ problem, attempts: Context.current().info.attempt }],
    ...(retryAfterSeconds === null ? {} : { nextRetryDelay: clampSeconds(retryAfterSeconds) * 1000 }),
  });
}

/** What a cloud asks for (`Retry-After`) is a wish: never a hot loop, never longer than an hour. */
const clampSeconds = (seconds: number): number => Math.min(Math.max(Math.ceil(seconds), 1), 3600);

/** Runs work on a store inside an activity that is tried until it is done: a store that does not answer is "not yet". */
export async function withStoreErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SecretStoreUnavailable || error instanceof SecretStoreConflict) {
      throw notYet(problems.storeUnavailable);
    }
    if (error instanceof EphemeralStoreUnavailable) throw notYet(problems.ephemeralStoreUnavailable);
    throw error;
  }
}
