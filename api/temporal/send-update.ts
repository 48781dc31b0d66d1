import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { scheduleIds } from '../../contracts/ids.ts';
import type { CommandOf, ReplyOf, UpdateName } from '../../contracts/messages.ts';
import { problems } from '../../contracts/problem.ts';
import type { Logger } from '../../platform/logger.ts';
import { startUpdate } from '../../platform/temporal/typed-client.ts';
import { ApiProblem } from '../http/problem.ts';
import { deadlines, pastClosing, within } from './deadlines.ts';
import { isDeadline, isOvertakenByEnd, isWorkflowGone } from './temporal-errors.ts';
import { temporalProblems } from './temporal-problems.ts';

export type UpdateOutcome<R> =
  | { readonly outcome: 'served'; readonly reply: R }
  /** Taken in for good, and still being served when the wait ended. */
  | { readonly outcome: 'accepted' };

/** A connection changes its run once a day; more than a few in one request is a fault. */
const MOST_RUNS = 3;

/**
 * Two waits, because they mean different things: an update that no worker has accepted is not durable, and a caller
 * must send it again; one that was accepted will be served, whoever goes on waiting. What the end of a run has lost is
 * sent to the next run under the same id. Rejects as Temporal's client does where no run takes it.
 */
export async function sendUpdate<N extends UpdateName>(
  client: Client,
  id: string,
  name: N,
  command: CommandOf<N>,
): Promise<UpdateOutcome<ReplyOf<N>>> {
  const updateId = command.requestId ?? randomUUID();
  for (let runs = 1; runs <= MOST_RUNS; runs++) {
    const outcome = await sendToRun(client, id, name, { command, updateId });
    if (outcome !== 'lost') return outcome;
  }
  throw temporalProblems.verbLost(undefined);
}

async function sendToRun<N extends UpdateName>(
  client: Client,
  id: string,
  name: N,
  message: { readonly command: CommandOf<N>; readonly updateId: string },
): Promise<UpdateOutcome<ReplyOf<N>> | 'lost'> {
  const update = await within(client, deadlines.accept, () =>
    pastClosing(() => startUpdate(client, id, name, message)),
  );
  try {
    return { outcome: 'served', reply: await within(client, deadlines.serve, () => update.result()) };
  } catch (error) {
    if (isDeadline(error)) return { outcome: 'accepted' };
    if (isOvertakenByEnd(error) || isWorkflowGone(error)) return 'lost';
    throw error;
  }
}

/** A reconciliation takes seconds, in a large installation longer: the caller is told to come again then. */
const RESTART_WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 250;
const RETRY_AFTER_SECONDS = 60;

export interface StoppedDependencies {
  readonly client: Client;
  readonly logger: Logger;
  /** True once a workflow runs under the connection's id again. */
  readonly isRunning: () => Promise<boolean>;
}

/**
 * What a verb meets whose connection has no workflow any more, because that was ended from outside. Reconciliation starts
 * it again in the phase `stopped`; it runs every five minutes, and at once where somebody asks to recover or disconnect.
 * Resolves once the workflow runs, so that the verb is sent again; every other verb is refused.
 */
export async function meetStopped(deps: StoppedDependencies, name: UpdateName | 'tryNow'): Promise<void> {
  const { code: _code, message, remedy } = problems.stopped;
  if (name !== 'recover' && name !== 'disconnect') {
    throw new ApiProblem({ status: 409, code: 'connection_stopped', message, remedy });
  }
  if (await restarted(deps)) return;
  throw new ApiProblem({
    status: 409,
    code: 'connection_stopped',
    message,
    remedy:
      'Mooring is taking it up, without renewing or handing out anything; that can last a few minutes. Repeat the request then.',
    details: { retryAfterSeconds: RETRY_AFTER_SECONDS },
  });
}

async function restarted({ client, logger, isRunning }: StoppedDependencies): Promise<boolean> {
  try {
    await within(client, deadlines.signal, () => client.schedule.getHandle(scheduleIds.reconcile).trigger());
  } catch (error) {
    // An operator may have deleted the schedule; workers make it again when they start.
    logger.warn({ err: error }, 'Reconciliation could not be started.');
    return false;
  }
  for (let leftMs = RESTART_WITHIN_MS; leftMs > 0; leftMs -= LOOK_EVERY_MS) {
    await sleep(LOOK_EVERY_MS);
    if (await isRunning()) return true;
  }
  return false;
}
