import { cancellationSignal } from '@temporalio/activity';

import { liveKeys } from '../stores/secrets/credential-record.ts';
import type { ConnectionActivities, ProofOutcome } from '../contracts/activities.ts';
import type { ConnectionRef } from '../contracts/connection.ts';
import type { ValidationActivities } from '../contracts/validation.ts';
import { ProviderError } from '../providers/provider.ts';
import { authMethodOf, type ActivityDependencies } from './dependencies.ts';
import { cloudNotYet, withStoreErrors } from './failures.ts';
import { pendingKey, recordOrProblem, type StoredRecord } from './records.ts';

type Dependencies = Pick<ActivityDependencies, 'secrets' | 'providers' | 'clock'>;

/** Asks the cloud whether submitted values work as they are, and whose they are. */
export function createCheckSubmission(deps: Dependencies): ValidationActivities['checkSubmission'] {
  return async ({ connection, pendingRef }) => {
    const signal = cancellationSignal();
    const key = pendingKey(connection.id, pendingRef);
    const read = await withStoreErrors(() => recordOrProblem(deps.secrets, 'pending', key));
    if ('problem' in read) return { outcome: 'refused', problem: read.problem };
    return await proveAccount(deps, connection, read.stored, signal);
  };
}

/** Asks the cloud whether the live credential works, and whose it is. */
export function createVerifyCredential(deps: Dependencies): ConnectionActivities['verifyCredential'] {
  return async ({ connection }) => {
    const signal = cancellationSignal();
    const read = await withStoreErrors(() => recordOrProblem(deps.secrets, 'live', liveKeys.renewal(connection.id)));
    if ('problem' in read) return { outcome: 'refused', problem: read.problem };
    return await proveAccount(deps, connection, read.stored, signal);
  };
}

/** Asks the cloud whether a record works as it is, and whose it is. Stores nothing; throws "not yet". */
async function proveAccount(
  deps: Pick<ActivityDependencies, 'providers' | 'clock'>,
  connection: ConnectionRef,
  { record }: StoredRecord,
  signal: AbortSignal,
): Promise<ProofOutcome> {
  const { region, id } = connection;
  try {
    const context = { region, connectionId: id, record, signal };
    const { account, warnings } = await authMethodOf(deps, connection).prove(context);
    return { outcome: 'proven', account, warnings };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (error.class === 'user' || error.class === 'revoked') return { outcome: 'refused', problem: error.problem };
    throw cloudNotYet(error, deps.clock.now());
  }
}
