import { problems } from '../../workflows/contracts/problem.ts';
import { ApiProblem } from '../problem.ts';
import type { UpdateName } from './send-update.ts';

/** Of what ends or recovers a stopped connection: reconciliation runs every 5 minutes, and believes a miss the second time. */
const RETRY_AFTER_SECONDS = 60;

/**
 * What a verb meets whose connection has no workflow any more, because that was ended from outside. Reconciliation starts
 * it again; from then on `recover` and `disconnect` are ordinary messages to it, and the others are refused by it.
 * Whoever wants a verb to start it at once does so here, and returns: the verb is sent again then.
 */
export async function meetStopped(name: UpdateName | 'tryNow'): Promise<void> {
  const { code: _code, message, remedy } = problems.stopped;
  const takesUp = name === 'recover' || name === 'disconnect';
  throw new ApiProblem({
    status: 409,
    code: 'connection_stopped',
    message,
    remedy: takesUp
      ? 'Mooring finds it and takes it up within a few minutes, without renewing or handing out anything. Repeat the request then.'
      : remedy,
    ...(takesUp ? { details: { retryAfterSeconds: RETRY_AFTER_SECONDS } } : {}),
  });
}
