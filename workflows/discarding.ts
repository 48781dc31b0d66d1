import { ApplicationFailure } from '@temporalio/workflow';
import type { ProofInput } from '../contracts/activities.ts';
import type { ConnectionRef } from '../contracts/connection.ts';
import { cloudActivities } from './connection/activities.ts';

/** Drops a submission that the API stored and the connection then rejected: the API may write, and not delete. */
export async function discarding(input: ProofInput): Promise<void> {
  const connection = input?.connection as Partial<ConnectionRef> | undefined;
  const { provider, tenant } = connection ?? {};
  if (typeof provider !== 'string' || typeof tenant !== 'string' || typeof input.pendingRef !== 'string') {
    throw ApplicationFailure.nonRetryable('The input names no submission to discard.', 'invalid_input');
  }
  const summary = 'Drop a submission that the connection rejected';
  await cloudActivities(provider, tenant).revocation.discardGrant.executeWithOptions({ summary }, [input]);
}
