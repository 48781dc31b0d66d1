import type { ProofInput } from './contracts/activities.ts';
import { untilDone } from './connection.activities.ts';

/** Drops what was stored for a connection that then would not take it: who stored it may not delete. */
export async function discarding(input: ProofInput): Promise<void> {
  await untilDone.discardGrant.executeWithOptions({ summary: 'Drop what the connection would not take' }, [input]);
}
