import type { Client } from '@temporalio/client';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { ApiProblem } from '../http/problem.ts';
import { deadlines, within } from './deadlines.ts';
import {
  isBetweenTries,
  pendingProof,
  pendingUpkeep,
  triesOf,
  type Description,
  type PendingActivity,
} from './description.ts';
import type { Execution } from './execution.ts';
import { isNotFound } from './temporal-errors.ts';

/** Longer than any activity that waits: those end with their run, which lasts about a day. */
const COUNTED_SECONDS = 2 * 24 * 3600;

/**
 * Has the next try of what a connection waits for made at once: of a proof, else of upkeep. A reset starts the server's
 * count of tries anew, so what it had counted of a proof is kept beside it. Throws `nothing_to_try` where no try is
 * waited for; one that is running now is fine as it is.
 */
export async function tryNow(
  { client, ephemeral }: { readonly client: Client; readonly ephemeral: EphemeralStore },
  description: Description,
): Promise<void> {
  const { execution } = description;
  const proof = pendingProof(description);
  const pending = proof ?? pendingUpkeep(description);
  if (!pending?.activityId) throw nothingToTry();
  // A reset would unpause it: that is for whoever has paused it.
  if (pending.paused) throw pausedByOperator();
  if (!isBetweenTries(pending)) return;
  await resetActivity(client, execution, pending.activityId);
  if (!proof) return;
  const made = (await triesBefore(ephemeral, execution, proof)) + triesOf(proof);
  await ephemeral.put(ephemeralKeys.triesBefore(execution.runId, pending.activityId), made, COUNTED_SECONDS);
}

async function resetActivity(client: Client, { id, runId }: Execution, activityId: string): Promise<void> {
  try {
    await within(client, deadlines.signal, () =>
      client.workflowService.resetActivity({
        namespace: client.options.namespace,
        execution: { workflowId: id, runId },
        identity: client.options.identity,
        id: activityId,
        resetHeartbeat: false,
        keepPaused: false,
      }),
    );
  } catch (error) {
    // It has been tried, and ended, in between.
    if (!isNotFound(error)) throw error;
  }
}

/** Tries that were made before the server's count was started anew. Best effort: without the store it is 0. */
export async function triesBefore(
  ephemeral: Pick<EphemeralStore, 'get'>,
  { runId }: Pick<Execution, 'runId'>,
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

const pausedByOperator = (): ApiProblem =>
  new ApiProblem({
    status: 409,
    code: 'paused_by_operator',
    message: 'An operator has paused this activity of the connection in Temporal.',
    remedy: 'Unpause it in the Temporal UI, or with: temporal activity unpause.',
  });
