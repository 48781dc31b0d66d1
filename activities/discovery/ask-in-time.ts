import { ApplicationFailure, CancelledFailure } from '@temporalio/common';

import { startDeadline } from '../../platform/deadline.ts';
import type { ConnectionRef } from '../../contracts/connection.ts';
import type { ListRef } from '../../contracts/discovery.ts';
import { problems } from '../../contracts/problem.ts';
import { calling } from '../../providers/http/call-watch.ts';
import type { DiscoveryDependencies } from '../dependencies.ts';
import { askCloud, failedFor, type Answer, type Ask } from './ask-cloud.ts';

const DEADLINE_MS = 5 * 60 * 1000;
/** How long an aborted list may take to end its program. After that it is abandoned. */
const GRACE_MS = 5_000;

export interface Asking {
  readonly connection: ConnectionRef;
  /** What is asked for, for the log. */
  readonly about: Partial<ListRef> & { readonly list: string | null };
  /** When it is aborted, nothing may be written any more. */
  readonly signal: AbortSignal;
}

/** Asks, and gives up at the deadline. Rejects where the signal is aborted, and with "not yet" where a store is away. */
export async function askInTime<T>(deps: DiscoveryDependencies, asking: Asking, ask: Ask<T>): Promise<Answer<T>> {
  const { connection, about, signal } = asking;
  const deadline = (deps.startDeadline ?? startDeadline)(DEADLINE_MS);
  const either = AbortSignal.any([signal, deadline.signal]);
  try {
    return await calling(`list.${about.list ?? 'projects'}`, () =>
      orGivenUp(either, async () => await askCloud(deps, connection, either, ask)),
    );
  } catch (error) {
    // Cancelled, or a store does not answer.
    if (signal.aborted || error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
    // Another five minutes would hold the slot that other lists wait for.
    if (deadline.signal.aborted) return failedFor({ class: 'transient', problem: problems.listTimedOut }, false);
    deps.logger.error({ err: error, connection: connection.id, ...about }, 'A list failed for an unknown reason.');
    return failedFor({ class: 'transient', problem: problems.internal });
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
