import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import type { ProofOutcome } from '../contracts/activities.ts';
import type { ConnectionRef } from '../contracts/connection.ts';
import { authMethodOf, type ActivityDependencies } from './dependencies.ts';
import { notYet } from './failures.ts';
import { ProviderError } from '../providers/provider.ts';
import type { StoredRecord } from './records.ts';

/** Asks the cloud whether a record works as it stands, and whose it is. Stores nothing; throws "not yet". */
export async function proveAccount(
  deps: Pick<ActivityDependencies, 'providers'>,
  connection: ConnectionRef,
  { record }: StoredRecord,
  signal: AbortSignal,
): Promise<ProofOutcome> {
  const { region, id } = connection;
  try {
    const context = { region, connectionId: id, record: new Secret<JsonObject>(record.reveal()), signal };
    const { account, warnings } = await authMethodOf(deps, connection).prove(context);
    return { outcome: 'proven', account, warnings };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (error.class === 'user' || error.class === 'revoked') return { outcome: 'refused', problem: error.problem };
    throw notYet(error.problem, error.retryAfterSeconds);
  }
}
