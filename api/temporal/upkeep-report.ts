import { ApplicationFailure } from '@temporalio/common';
import { failureTypes } from '../../contracts/activities.ts';
import type { Freshness } from '../../contracts/connection.ts';
import type { Problem } from '../../contracts/problem.ts';
import { lastFailureOf, pendingUpkeep, type Description } from './description.ts';
import type { Decoding } from './memo.ts';
import { parseReport } from './parse-view.ts';

/** What the last attempt of upkeep said; each part is undefined where it said nothing of it. */
export interface Reported {
  readonly facts: Freshness | undefined;
  readonly problem: Problem | undefined;
}

const nothing: Reported = { facts: undefined, problem: undefined };

/**
 * Upkeep reports by failing: its report is in the failure that the server keeps of a pending activity. A first attempt
 * has none; a time-out or a restart hides the one before. A failure that is no report is a fault of the worker's.
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

/** The error itself is for the operator: it may name what only the inside knows. */
const upkeepFailing: Problem = {
  code: 'upkeep_failing',
  message: 'Upkeep of this connection fails in a way that Mooring does not know.',
  remedy: 'It is tried again by itself. If it persists: the Temporal UI has the error at the pending activity.',
};
