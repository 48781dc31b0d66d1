import type { WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure, type LoadedDataConverter } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { isoAt } from '../../platform/clock.ts';
import type { ConnectionActivities } from '../../workflows/contracts/activities.ts';
import type { VerificationView } from '../../workflows/contracts/connection.ts';
import type { Problem } from '../../workflows/contracts/problem.ts';

/** A step that is being waited out, with the tries of the pending activity that only Temporal knows of. */
export interface Verification extends Omit<VerificationView, 'attemptsBefore'> {
  readonly attempts: number;
  readonly nextTryAt: string | null;
}

export type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/** The activity that waits until a grant works. */
const PROOF = 'proveGrant' satisfies keyof ConnectionActivities;

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
  deps: {
    readonly dataConverter: LoadedDataConverter;
    readonly namespace: string;
    readonly triesBefore: (pending: PendingActivity) => Promise<number>;
  },
): Promise<Verification> {
  const { dataConverter, namespace } = deps;
  const base = withoutPending(verification);
  // Of several others, the one that has been tried most is the one that is waited for.
  const [other] = (description.raw.pendingActivities ?? []).toSorted((a, b) => (b.attempt ?? 0) - (a.attempt ?? 0));
  const pending = waitedFor(description) ?? other;
  if (!pending) return base;
  const failure = await decodeOptionalFailureToOptionalError(dataConverter, pending.lastFailure, {
    type: 'workflow',
    namespace,
    workflowId: description.workflowId,
  });
  return {
    ...base,
    attempts: base.attempts + (await deps.triesBefore(pending)) + triesOf(pending),
    lastProblem: problemOf(failure) ?? base.lastProblem,
    nextTryAt: nextTry(pending),
  };
}

/** The proof that a connection waits for. */
export const waitedFor = ({ raw }: WorkflowExecutionDescription): PendingActivity | undefined =>
  (raw.pendingActivities ?? []).find(({ activityType }) => activityType?.name === PROOF);

/** temporal.api.enums.v1.PendingActivityState. */
const SCHEDULED = 1;

/** True between two tries. */
export function isBetweenTries(pending: PendingActivity): boolean {
  const state: number = pending.state ?? 0;
  return state === SCHEDULED;
}

/** Between two tries the server's count is at the one to come. */
export const triesOf = (pending: PendingActivity): number =>
  Math.max((pending.attempt ?? 0) - (isBetweenTries(pending) ? 1 : 0), 0);

function problemOf(failure: Error | undefined): Problem | undefined {
  if (!(failure instanceof ApplicationFailure)) return undefined;
  const [details] = failure.details ?? [];
  return Value.Check(withProblem, details) ? details.problem : undefined;
}

function nextTry(pending: PendingActivity): string | null {
  const milliseconds = optionalTsToMs(pending.nextAttemptScheduleTime);
  return milliseconds === undefined ? null : isoAt(milliseconds);
}
