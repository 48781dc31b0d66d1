import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from '../../platform/logger.ts';
import { scheduleIds } from '../../contracts/ids.ts';
import { problems } from '../../contracts/problem.ts';
import { ApiProblem } from '../http/problem.ts';
import { deadlines, within } from './deadlines.ts';
import type { UpdateName } from './send-update.ts';

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
