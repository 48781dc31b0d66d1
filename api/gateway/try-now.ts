import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { ApiProblem } from '../problem.ts';
import { deadlines, within } from './deadlines.ts';
import { isBetweenTries, triesOf, waitedFor, type PendingActivity } from './pending-attempts.ts';

/** Longer than any activity that waits: those end with their run, which lasts about a day. */
const COUNTED_SECONDS = 2 * 24 * 3600;

/**
 * Has the next try of what a connection waits for made at once. A reset starts the server's count of tries anew, so
 * what it had counted is kept beside it. Throws `nothing_to_try` where no try is waited for; one that is running now is
 * fine as it is.
 */
export async function tryNow(
  { client, ephemeral }: { readonly client: Client; readonly ephemeral: EphemeralStore },
  description: WorkflowExecutionDescription,
): Promise<void> {
  const pending = waitedFor(description);
  if (!pending) throw nothingToTry();
  if (!isBetweenTries(pending) || !pending.activityId) return;
  const { workflowId, runId } = description;
  await within(client, deadlines.signal, () =>
    client.workflowService.resetActivity({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      identity: client.options.identity,
      id: pending.activityId ?? '',
      resetHeartbeat: false,
      keepPaused: false,
    }),
  );
  const key = ephemeralKeys.triesBefore(runId, pending.activityId);
  const made = (await triesBefore(ephemeral, description, pending)) + triesOf(pending);
  await ephemeral.put(key, made, COUNTED_SECONDS);
}

/** Tries that were made before the server's count was started anew. Best effort: without the store it is 0. */
export async function triesBefore(
  ephemeral: Pick<EphemeralStore, 'get'>,
  { runId }: Pick<WorkflowExecutionDescription, 'runId'>,
  { activityId }: PendingActivity,
): Promise<number> {
  const counted = await ephemeral.get(ephemeralKeys.triesBefore(runId, activityId ?? '')).catch(() => 0);
  return typeof counted === 'number' ? counted : 0;
}

const nothingToTry = (): ApiProblem =>
  new ApiProblem({
    status: 409,
    code: 'nothing_to_try',
    message: 'The connection waits for no try at its cloud at present.',
    remedy: 'GET the connection says what it is waiting for; an active one is asked with POST …/verify.',
  });
