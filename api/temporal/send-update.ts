import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { scheduleIds } from '../../contracts/ids.ts';
import type { CommandOf, ReplyOf, UpdateName } from '../../contracts/messages.ts';
import { problems } from '../../contracts/problem.ts';
import type { Logger } from '../../platform/logger.ts';
import { startUpdate } from '../../platform/temporal/typed-client.ts';
import { ApiProblem } from '../http/problem.ts';
import { deadlines, retryWhileClosing, within } from './deadlines.ts';
import { isDeadline, isOvertakenByEnd, isWorkflowGone } from './errors.ts';
import { temporalProblems } from './problems.ts';

export type UpdateOutcome<R> =
  | { readonly outcome: 'served'; readonly reply: R }
  /** The workflow has accepted it, so it is durable, but it was not completed in time. */
  | { readonly outcome: 'accepted' };

/** A connection continues as a new run once a day. More than a few runs during one request is a bug. */
const MOST_RUNS = 3;

/**
 * Waits twice, because the two stages mean different things. An update that is not accepted is not durable, and the
 * caller must send it again. An accepted update will be completed, even if the caller stops waiting. An update that was
 * lost with the end of a run is sent to the next run with the same update id. Rejects like Temporal's client when no
 * run accepts it.
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
    retryWhileClosing(() => startUpdate(client, id, name, message)),
  );
  try {
    return { outcome: 'served', reply: await within(client, deadlines.serve, () => update.result()) };
  } catch (error) {
    if (isDeadline(error)) return { outcome: 'accepted' };
    if (isOvertakenByEnd(error) || isWorkflowGone(error)) return 'lost';
    throw error;
  }
}

/** A reconciliation takes seconds, in a large installation longer. The caller is then asked to repeat the request. */
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
 * Handles a verb on a connection whose workflow was ended from outside. `recover` and `disconnect` start reconciliation,
 * which restarts the workflow as `stopped`; this resolves when the workflow runs, so that the verb can be sent again.
 * Every other verb is refused.
 */
export async function waitForRestart(deps: StoppedDependencies, name: UpdateName | 'tryNow'): Promise<void> {
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
    // An operator may have deleted the schedule. Workers create it again when they start.
    logger.warn({ err: error }, 'Reconciliation could not be started.');
    return false;
  }
  for (let leftMs = RESTART_WITHIN_MS; leftMs > 0; leftMs -= LOOK_EVERY_MS) {
    await sleep(LOOK_EVERY_MS);
    if (await isRunning()) return true;
  }
  return false;
}
