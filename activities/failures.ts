import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

import type { ProviderError } from '../providers/provider.ts';
import { EphemeralStoreUnavailable } from '../stores/ephemeral/port.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../stores/secrets/port.ts';
import { failureTypes } from '../contracts/activities.ts';
import { problems, type Problem } from '../contracts/problem.ts';

/**
 * "Not yet": the retry policy retries the activity. Benign, so that waiting for a cloud raises no alarm. The workflow
 * and operators read the details of the last attempt in the pending activity.
 */
export function notYet(problem: Problem, retryInSeconds: number | null = null): ApplicationFailure {
  return ApplicationFailure.create({
    type: failureTypes.notYet,
    message: problem.message,
    category: 'BENIGN',
    details: [{ problem, attempts: Context.current().info.attempt }],
    ...(retryInSeconds === null ? {} : { nextRetryDelay: clampSeconds(retryInSeconds) * 1000 }),
  });
}

/** Limits every delay, so that there is no hot loop and no wait longer than an hour. */
const clampSeconds = (seconds: number): number => Math.min(Math.max(Math.ceil(seconds), 1), 3_600);

const SHORTEST_WISH_SECONDS = 5;
/** Left for the last attempt before the activity's schedule-to-close timeout. */
const LAST_TRY_SECONDS = 30;

/**
 * The cloud cannot serve yet. Its `Retry-After` is followed between five seconds and an hour, and not beyond the
 * activity's own timeout, because Temporal would then end the activity at once.
 */
export function cloudNotYet({ problem, retryAfterSeconds }: ProviderError, nowMs: number): ApplicationFailure {
  if (retryAfterSeconds === null) return notYet(problem);
  const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = Context.current().info;
  const endsAtMs = scheduleToCloseTimeoutMs > 0 ? scheduledTimestampMs + scheduleToCloseTimeoutMs : Infinity;
  const leftSeconds = Math.floor((endsAtMs - nowMs) / 1000) - LAST_TRY_SECONDS;
  return notYet(problem, Math.max(Math.min(retryAfterSeconds, leftSeconds), SHORTEST_WISH_SECONDS));
}

/** For store calls in an activity that is retried until it succeeds: a conflict, or no answer, becomes "not yet". */
export async function withStoreErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SecretStoreUnavailable) throw notYet(problems.storeUnavailable);
    if (error instanceof SecretStoreConflict) throw notYet(problems.storeConflict);
    if (error instanceof EphemeralStoreUnavailable) throw notYet(problems.ephemeralStoreUnavailable);
    throw error;
  }
}
