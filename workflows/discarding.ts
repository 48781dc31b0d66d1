import { ApplicationFailure } from '@temporalio/workflow';
import type { ProofInput } from './contracts/activities.ts';
import { cloudActivities } from './connection.activities.ts';

/** Drops what was stored for a connection that then would not take it: the API may store, and not delete. */
export async function discarding(input: ProofInput): Promise<void> {
  const provider: unknown = input?.connection?.provider;
  if (typeof provider !== 'string' || typeof input.pendingRef !== 'string') {
    throw ApplicationFailure.nonRetryable('This names nothing to discard.', 'invalid_input');
  }
  const summary = 'Drop what the connection would not take';
  await cloudActivities(provider).revocation.discardGrant.executeWithOptions({ summary }, [input]);
}
