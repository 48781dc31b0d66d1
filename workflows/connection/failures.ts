import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { problems, type Problem } from '../../contracts/problem.ts';
import type { Rejection } from './guards.ts';

const statusOf: Record<Rejection['kind'], number> = {
  not_found: 404,
  conflict: 409,
  unprocessable: 422,
  too_soon: 429,
};

/** What the caller of an update receives: `type` is the stable code, `details[0]` the remedy and the HTTP status. */
export function rejectionFailure({ kind, ...problem }: Rejection): ApplicationFailure {
  return problemFailure(problem, statusOf[kind]);
}

export function problemFailure(problem: Problem, status: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: problem.code,
    message: problem.message,
    nonRetryable: true,
    details: [{ remedy: problem.remedy, status }],
  });
}

export interface LastAttempt {
  readonly problem: Problem;
  readonly attempts: number;
}

/**
 * What the last try of an activity said, once its budget is spent: the cause of `ActivityFailure{TIMEOUT}` is the
 * last application error, whose details carry the problem and the attempt's number.
 */
export function lastAttempt(error: unknown): LastAttempt | undefined {
  if (!(error instanceof ActivityFailure)) return undefined;
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (!(cause instanceof ApplicationFailure)) continue;
    const [details] = (cause.details ?? []) as [LastAttempt?];
    if (details?.problem) return details;
  }
  return { problem: problems.internal, attempts: 1 };
}

/** For best-effort activities: their failure is ignored; any other error is a bug. */
export function ignoreActivityFailure(error: unknown): void {
  if (!(error instanceof ActivityFailure)) throw error;
}
