import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { isBeingCancelled, isBetweenTries, type PendingActivity } from '../../platform/temporal/pending-activity.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { ApiProblem } from '../http/problem.ts';
import { deadlines, within } from './deadlines.ts';
import { isUnderWay, pendingProof, pendingUpkeep, triesOf, type Description } from './description.ts';
import { isNotFound } from './errors.ts';
import type { Execution } from './execution.ts';

/** Longer than any waiting activity: it ends with its run, which lasts about a day. */
const COUNTED_SECONDS = 2 * 24 * 3600;

/** A workflow puts a new activity in the place of another within some milliseconds; a call to a cloud may take longer. */
const PENDING_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 50;

export interface TryNowDependencies {
  readonly client: Client;
  readonly ephemeral: EphemeralStore;
  readonly describe: () => Promise<Description | undefined>;
}

/**
 * Makes the pending attempt start at once: of a proof, else of upkeep. Resetting an activity sets the server's attempt
 * count back to 1, so the previous count of a proof is stored in Redis. Throws `nothing_to_try` when nothing is
 * pending. Does nothing when an attempt is running.
 */
export async function tryNow({ client, ephemeral, describe }: TryNowDependencies, first: Description): Promise<void> {
  const description = await oncePending(describe, first);
  const { execution } = description;
  const proof = pendingProof(description);
  const pending = proof ?? pendingUpkeep(description);
  if (!pending?.activityId) throw nothingToTry();
  // A reset would unpause it, which only the operator who paused it should do.
  if (pending.paused) throw pausedByOperator();
  if (!isBetweenTries(pending)) return;
  await resetActivity(client, execution, pending.activityId);
  if (!proof) return;
  const made = (await triesBefore(ephemeral, execution, proof)) + triesOf(proof);
  await ephemeral.put(ephemeralKeys.triesBefore(execution.runId, pending.activityId), made, COUNTED_SECONDS);
}

/**
 * The connection with its pending activity in place. After a failed renewal, for example, the workflow cancels
 * `keepFresh` and starts it again with the time of the next try, for which the first attempt only waits. The one that
 * ends and that first attempt must not be taken for an attempt that calls the cloud, nor the moment between the two for
 * a connection that waits for nothing.
 */
async function oncePending(describe: TryNowDependencies['describe'], first: Description): Promise<Description> {
  let description = first;
  for (let leftMs = PENDING_WITHIN_MS; leftMs > 0 && isPassing(description); leftMs -= LOOK_EVERY_MS) {
    await sleep(LOOK_EVERY_MS);
    description = (await describe()) ?? description;
  }
  return description;
}

function isPassing(description: Description): boolean {
  const proof = pendingProof(description);
  if (proof) return isBeingCancelled(proof);
  const upkeep = pendingUpkeep(description);
  return upkeep ? upkeep.paused !== true && !isBetweenTries(upkeep) : isUnderWay(description);
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
    // The activity has ended in the meantime.
    if (!isNotFound(error)) throw error;
  }
}

/** The attempts made before the count was reset. Best effort: 0 when the store does not answer. */
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
