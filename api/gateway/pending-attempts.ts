import type { WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure, type LoadedDataConverter } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { isoAt } from '../../platform/clock.ts';
import type { VerificationView } from '../../workflows/contracts/connection.ts';
import type { Problem } from '../../workflows/contracts/problem.ts';

/** A step that is being waited out, with the tries of the pending activity that only Temporal knows of. */
export interface Verification extends Omit<VerificationView, 'attemptsBefore'> {
  readonly attempts: number;
  readonly nextTryAt: string | null;
}

type Pending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

const withProblem = Type.Object({
  problem: Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() }),
});

export function withoutPending({ attemptsBefore, ...verification }: VerificationView): Verification {
  return { ...verification, attempts: attemptsBefore, nextTryAt: null };
}

/** Attempts of activities add no history, so the workflow's own view can't have them: they are read from outside. */
export async function withPending(
  verification: VerificationView,
  description: WorkflowExecutionDescription,
  dataConverter: LoadedDataConverter,
  namespace: string,
): Promise<Verification> {
  const base = withoutPending(verification);
  // Of several, the one that has been tried most is the one that is waited for.
  const [pending] = (description.raw.pendingActivities ?? []).toSorted((a, b) => (b.attempt ?? 0) - (a.attempt ?? 0));
  if (!pending) return base;
  const failure = await decodeOptionalFailureToOptionalError(dataConverter, pending.lastFailure, {
    type: 'workflow',
    namespace,
    workflowId: description.workflowId,
  });
  return {
    ...base,
    attempts: base.attempts + (pending.attempt ?? 0),
    lastProblem: problemOf(failure) ?? base.lastProblem,
    nextTryAt: nextTry(pending),
  };
}

function problemOf(failure: Error | undefined): Problem | undefined {
  if (!(failure instanceof ApplicationFailure)) return undefined;
  const [details] = failure.details ?? [];
  return Value.Check(withProblem, details) ? details.problem : undefined;
}

function nextTry(pending: Pending): string | null {
  const milliseconds = optionalTsToMs(pending.nextAttemptScheduleTime);
  return milliseconds === undefined ? null : isoAt(milliseconds);
}
