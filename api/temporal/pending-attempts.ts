import { ApplicationFailure } from '@temporalio/common';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { VerificationView } from '../../contracts/connection.ts';
import type { Problem } from '../../contracts/problem.ts';
import {
  isBetweenTries,
  lastFailureOf,
  pendingProof,
  pendingUpkeep,
  type Description,
  type PendingActivity,
} from './description.ts';
import { isoOf } from './execution.ts';
import type { Decoding } from './memo.ts';

/** A step that is being waited out, with the tries of the pending activity that only Temporal knows of. */
export interface Verification extends Omit<VerificationView, 'attemptsBefore'> {
  readonly attempts: number;
  readonly nextTryAt: string | null;
}

const withProblem = Type.Object({
  problem: Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() }),
});

export function withoutPending({ attemptsBefore, ...verification }: VerificationView): Verification {
  return { ...verification, attempts: attemptsBefore, nextTryAt: null };
}

/** Attempts of activities add no history, so the workflow's own view can't have them: they are read from outside. */
export async function withPending(
  verification: VerificationView,
  description: Description,
  decoding: Decoding,
  triesBefore: (pending: PendingActivity) => Promise<number>,
): Promise<Verification> {
  const base = withoutPending(verification);
  // Upkeep goes on beneath a re-authorisation. Of several others, the one that has been tried most is waited for.
  const upkeep = pendingUpkeep(description);
  const [other] = description.activities
    .filter((activity) => activity !== upkeep)
    .toSorted((a, b) => (b.attempt ?? 0) - (a.attempt ?? 0));
  const pending = pendingProof(description) ?? other;
  if (!pending) return base;
  const failure = await lastFailureOf(decoding, description.execution, pending);
  return {
    ...base,
    attempts: base.attempts + (await triesBefore(pending)) + triesOf(pending),
    lastProblem: problemOf(failure) ?? base.lastProblem,
    nextTryAt: isoOf(pending.nextAttemptScheduleTime),
  };
}

/** Between two tries the server's count is at the one to come. */
export const triesOf = (pending: PendingActivity): number =>
  Math.max((pending.attempt ?? 0) - (isBetweenTries(pending) ? 1 : 0), 0);

function problemOf(failure: Error | undefined): Problem | undefined {
  if (!(failure instanceof ApplicationFailure)) return undefined;
  const [details] = failure.details ?? [];
  return Value.Check(withProblem, details) ? details.problem : undefined;
}
