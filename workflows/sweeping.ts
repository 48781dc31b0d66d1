import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { ConnectionRef, RevocationOutcome } from '../contracts/connection.ts';
import { problems } from '../contracts/problem.ts';
import { cloudActivities, untilDone } from './connection/activities.ts';
import { lastAttempt } from './connection/failures.ts';

/** The same limit as for a disconnect. */
const REVOCATION_TIME = '7 days';

/**
 * Revokes and destroys what was stored for a connection after it had ended, e.g. by a worker that was frozen beyond its
 * activity's timeout. The connection stays disconnected, and its tombstone is not changed.
 */
export async function sweeping({ connection }: { readonly connection: ConnectionRef }): Promise<RevocationOutcome> {
  const { id, provider } = (connection as Partial<ConnectionRef> | undefined) ?? {};
  if (typeof id !== 'string' || typeof provider !== 'string') {
    throw ApplicationFailure.nonRetryable('The input names no connection to sweep.', 'invalid_input');
  }
  await untilDone.retireCredential.executeWithOptions({ summary: 'Stop handing out leftovers' }, [{ connection }]);
  const outcome = await revoke(connection);
  await untilDone.destroySecrets.executeWithOptions({ summary: 'Destroy leftovers' }, [{ connection }]);
  return outcome;
}

async function revoke(connection: ConnectionRef): Promise<RevocationOutcome> {
  const options = { summary: 'Revoke leftovers at the cloud', scheduleToCloseTimeout: REVOCATION_TIME } as const;
  try {
    const { revocation } = cloudActivities(connection.provider, connection.tenant);
    return await revocation.revokeCredential.executeWithOptions(options, [{ connection, sealed: null }]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return { outcome: 'failed', problem: lastAttempt(error)?.problem ?? problems.internal };
  }
}
