import { ApplicationFailure } from '@temporalio/workflow';
import type { ProofInput } from '../contracts/activities.ts';
import type { ConnectionRef } from '../contracts/connection.ts';
import { cloudActivities } from './connection/activities.ts';

/** Drops what was stored for a connection that then would not take it: the API may store, and not delete. */
export async function discarding(input: ProofInput): Promise<void> {
  const connection = input?.connection as Partial<ConnectionRef> | undefined;
  const { provider, tenant } = connection ?? {};
  if (typeof provider !== 'string' || typeof tenant !== 'string' || typeof input.pendingRef !== 'string') {
    throw ApplicationFailure.nonRetryable('This names nothing to discard.', 'invalid_input');
  }
  const summary = 'Drop what the connection would not take';
  await cloudActivities(provider, tenant).revocation.discardGrant.executeWithOptions({ summary }, [input]);
}
