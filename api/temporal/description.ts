import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { failureTypes, type ConnectionActivities } from '../../contracts/activities.ts';
import type { Freshness, VerificationView } from '../../contracts/connection.ts';
import type { Problem } from '../../contracts/problem.ts';
import { isBetweenTries, type PendingActivity } from '../../platform/temporal/pending-activity.ts';
import { decodeOptionalFailureToOptionalError } from '../../platform/temporal/sdk-internals.ts';
import { deadlines, within } from './deadlines.ts';
import { isNotFound } from './errors.ts';
import { executionOf, isoOf, type Execution } from './execution.ts';
import type { Decoding } from './memo.ts';
import { parseReport } from './parse-view.ts';

export type PendingTask = temporal.api.workflow.v1.PendingWorkflowTaskInfo.$Properties;

/** What Temporal answers about a connection's workflow by itself, without any worker. */
export interface Description {
  readonly execution: Execution;
  readonly activities: readonly PendingActivity[];
  readonly task: PendingTask | undefined;
}

/**
 * Describes the newest run. Undefined when Temporal has no such workflow (any more). The memo is not decoded here,
 * because decoding can fail.
 */
export async function describe(client: Client, id: string): Promise<Description | undefined> {
  try {
    const raw = await within(client, deadlines.describe, () =>
      client.workflowService.describeWorkflowExecution({
        namespace: client.options.namespace,
        execution: { workflowId: id },
      }),
    );
    return {
      execution: executionOf(raw.workflowExecutionInfo ?? {}),
      activities: raw.pendingActivities,
      task: raw.pendingWorkflowTask ?? undefined,
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The activity that waits until a grant works. */
const PROOF = 'proveGrant' satisfies keyof ConnectionActivities;
/** The durable loop of upkeep. */
const UPKEEP = 'keepFresh' satisfies keyof ConnectionActivities;

const pendingOf = ({ activities }: Description, name: string): PendingActivity | undefined =>
  activities.find(({ activityType }) => activityType?.name === name);

export const pendingProof = (description: Description): PendingActivity | undefined => pendingOf(description, PROOF);
export const pendingUpkeep = (description: Description): PendingActivity | undefined => pendingOf(description, UPKEEP);

/**
 * True while something runs that may have renewed the credential. The memo and the last report of `keepFresh` do not
 * show that yet. Between two attempts of `keepFresh`, with nothing else running, they are up to date.
 */
export const isUnderWay = ({ activities, task }: Description): boolean =>
  task !== undefined ||
  activities.some((activity) => activity.activityType?.name !== UPKEEP || !isBetweenTries(activity));

/**
 * Why the last attempt of an activity failed. Undefined when none has failed, or when the failure cannot be decoded.
 */
async function lastFailureOf(
  { dataConverter, namespace }: Decoding,
  { id }: Pick<Execution, 'id'>,
  { lastFailure }: PendingActivity,
): Promise<Error | undefined> {
  const context = { type: 'workflow', namespace, workflowId: id } as const;
  return await decodeOptionalFailureToOptionalError(dataConverter, lastFailure, context).catch(() => undefined);
}

/** A step that is waited for, with the number of attempts, which only Temporal knows. */
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

/** Attempts of an activity add no history events, so the workflow cannot count them. They are read from `describe`. */
export async function withPending(
  verification: VerificationView,
  description: Description,
  decoding: Decoding,
  triesBefore: (pending: PendingActivity) => Promise<number>,
): Promise<Verification> {
  const base = withoutPending(verification);
  // `keepFresh` also runs during a re-authorisation, so it is left out. Of the others, take the one with the most
  // attempts.
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

/** Between two attempts, the server already counts the next one. */
export const triesOf = (pending: PendingActivity): number =>
  Math.max((pending.attempt ?? 0) - (isBetweenTries(pending) ? 1 : 0), 0);

function problemOf(failure: Error | undefined): Problem | undefined {
  if (!(failure instanceof ApplicationFailure)) return undefined;
  const [details] = failure.details ?? [];
  return Value.Check(withProblem, details) ? details.problem : undefined;
}

/** What the last attempt of `keepFresh` reported. A part that it did not report is undefined. */
export interface Reported {
  readonly facts: Freshness | undefined;
  readonly problem: Problem | undefined;
}

const nothing: Reported = { facts: undefined, problem: undefined };

/**
 * `keepFresh` reports by failing: the server keeps the last failure of a pending activity, and the report is in its
 * details. There is no report before the first attempt, and a timeout or a restart hides the previous one. A failure
 * without a report is a bug in the worker.
 */
export async function reportedBy(decoding: Decoding, description: Description): Promise<Reported> {
  const pending = pendingUpkeep(description);
  const failure = pending && (await lastFailureOf(decoding, description.execution, pending));
  if (!(failure instanceof ApplicationFailure)) return nothing;
  if (failure.type !== failureTypes.askAgain) return { facts: undefined, problem: upkeepFailing };
  const report = parseReport(failure.details?.[0]);
  if (!report) return nothing;
  const { v, generation, issuedAt, expiresAt, nextRefreshAt, problem } = report;
  const isWhole = generation !== undefined && issuedAt !== undefined && expiresAt !== undefined;
  return {
    facts: isWhole ? { v, generation, issuedAt, expiresAt, nextRefreshAt: nextRefreshAt ?? null } : undefined,
    problem,
  };
}

/**
 * The error itself is not shown to callers, because it may contain internal details. The operator finds it in Temporal.
 */
const upkeepFailing: Problem = {
  code: 'upkeep_failing',
  message: 'Upkeep of this connection fails in a way that Mooring does not know.',
  remedy: 'It is tried again by itself. If it persists: the Temporal UI has the error at the pending activity.',
};
