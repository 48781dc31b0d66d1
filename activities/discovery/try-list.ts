import { ApplicationFailure, CancelledFailure } from '@temporalio/common';

import { startDeadline } from '../../platform/deadline.ts';
import { failedList } from '../../contracts/discovery-tally.ts';
import type { DiscoveryPart, ListOutcome, ListRef } from '../../contracts/discovery.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import type { Loss } from '../../providers/listing/lister.ts';
import type { DiscoveryDependencies } from '../dependencies.ts';
import { withStoreErrors } from '../failures.ts';
import { askCloud, type Answer, type Ask } from './ask-cloud.ts';
import { countsOf, tellChanges } from './tell-changes.ts';

const DEADLINE_MS = 5 * 60 * 1000;
/** How long an aborted list may take to end its program. After that it is abandoned. */
const GRACE_MS = 5_000;
const TRIES = 5;
const LONGEST_PAUSE_SECONDS = 60;

export interface OneTry extends DiscoveryPart {
  readonly list: ListRef;
  /** Attempts at this list so far, this one included. */
  readonly tries: number;
  /** Unix milliseconds. A retry that would begin later than this is not made: the list has failed. */
  readonly noTryAfterMs: number;
  /** When it is aborted, nothing is written any more. */
  readonly signal: AbortSignal;
}

export interface NotYet {
  readonly outcome: 'not_yet';
  readonly problem: Problem;
  readonly retryInSeconds: number;
}

/**
 * Makes one list and writes it to the inventory: the complete list, a partial one, or its failure. Rejects where the
 * signal is aborted, and with "not yet" where a store does not answer.
 */
export async function tryList(deps: DiscoveryDependencies, one: OneTry, ask: Ask): Promise<ListOutcome | NotYet> {
  return await deps.listSlots.use(one.signal, async () => {
    const startedAtMs = performance.now();
    const outcome = await makeList(deps, one, ask);
    const { provider } = one.connection;
    const seconds = (performance.now() - startedAtMs) / 1000;
    deps.discovery.onList?.({ provider, kind: one.list.kind, outcome: outcome.outcome, seconds });
    return outcome;
  });
}

async function makeList(deps: DiscoveryDependencies, one: OneTry, ask: Ask): Promise<ListOutcome | NotYet> {
  const { connection, epoch, list, signal } = one;
  const answer = await answerOf(deps, one, ask);
  signal.throwIfAborted();
  if (answer.outcome === 'not_yet') {
    const { problem } = answer;
    const retryInSeconds = answer.retryAfterSeconds ?? Math.min(2 ** one.tries, LONGEST_PAUSE_SECONDS);
    const isInTime = deps.clock.now() + retryInSeconds * 1000 <= one.noTryAfterMs;
    if (one.tries < TRIES && isInTime) return { outcome: 'not_yet', problem, retryInSeconds };
  }
  const write = { connection: connection.id, epoch, ...list };
  return await withStoreErrors(async () => {
    if (answer.outcome !== 'listed') {
      const { problem } = answer;
      const isKept = await deps.inventory.markStale(write, problem);
      const outcome = answer.outcome === 'unauthorized' ? 'unauthorized' : 'failed';
      return { ...failedList(problem), outcome: isKept ? outcome : 'dropped' };
    }
    const { rows, complete, losses, source, notice } = answer.listing;
    const problem = complete ? null : lossProblem(losses);
    const changes = problem
      ? await deps.inventory.merge(write, rows, source, problem)
      : await deps.inventory.replace(write, rows, source);
    if (!changes) return { ...failedList(problems.internal), outcome: 'dropped', problem: null };
    await tellChanges(deps, connection, changes);
    const outcome = complete ? 'complete' : 'partial';
    return { outcome, resources: rows.length, changes: countsOf(changes), problem, notice };
  });
}

async function answerOf(deps: DiscoveryDependencies, one: OneTry, ask: Ask): Promise<Answer> {
  const { connection, list, signal } = one;
  const deadline = (deps.startDeadline ?? startDeadline)(DEADLINE_MS);
  const either = AbortSignal.any([signal, deadline.signal]);
  try {
    return await orGivenUp(either, async () => await askCloud(deps, connection, either, ask));
  } catch (error) {
    // Cancelled, or a store does not answer.
    if (signal.aborted || error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
    if (deadline.signal.aborted) return { outcome: 'failed', problem: problems.listTimedOut };
    deps.logger.error({ err: error, connection: connection.id, list }, 'A list failed for an unknown reason.');
    return { outcome: 'not_yet', problem: problems.internal, retryAfterSeconds: null };
  } finally {
    deadline.cancel();
  }
}

/** Rejects some time after the signal was aborted, in case the work ignores the signal. */
async function orGivenUp<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const abort = (): void => void (timer = setTimeout(() => reject(signal.reason as Error), GRACE_MS));
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    clearTimeout(timer);
  }
}

/** The first loss is reported for all of them: most often they have one cause. */
function lossProblem(losses: readonly Loss[]): Problem {
  const [first] = losses;
  if (!first) return problems.internal;
  const others = losses.length > 1 ? ` and ${losses.length - 1} more` : '';
  const { code, message, remedy } = first.problem;
  return { code, message: `${first.path}${others} could not be read: ${message}`, remedy };
}
