import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { SecretStoreConflict, SecretStoreUnavailable } from '../stores/secrets/port.ts';
import { failureTypes } from '../contracts/activities.ts';
import { problems, type Problem } from '../contracts/problem.ts';

/**
 * "Not yet": what the retry policy is for. Benign, so that waiting for a cloud raises no alarm; the details are what
 * the workflow, and whoever looks at the pending activity, reads of the last try.
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

/** Runs work on the secret store inside an activity that is tried until it is done. */
export async function withStoreErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SecretStoreUnavailable || error instanceof SecretStoreConflict) {
      throw notYet(problems.storeUnavailable);
    }
    throw error;
  }
}
