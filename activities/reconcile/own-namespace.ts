import { ApplicationFailure } from '@temporalio/common';

import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { SecretStoreConflict, type SecretStore } from '../../stores/secrets/port.ts';
import type { ConnectionDirectory } from './ports.ts';

/** In the gate `config`: the Temporal namespace that the connections of this secret store live in. */
const NAMESPACE_KEY = 'namespace';

/**
 * Proves that the stored connections belong to this namespace; the first caller records its own. In another namespace
 * all of them would look lost, so a worker with a wrong TEMPORAL_ADDRESS would stop every connection.
 */
export async function assertOwnNamespace(
  secrets: SecretStore,
  directory: Pick<ConnectionDirectory, 'namespace'>,
): Promise<void> {
  const { id, name } = await directory.namespace();
  const known = await secrets.read('config', NAMESPACE_KEY);
  if (!known) {
    try {
      await secrets.write('config', NAMESPACE_KEY, new Secret<JsonObject>({ id, name }), { cas: 0 });
      return;
    } catch (error) {
      if (!(error instanceof SecretStoreConflict)) throw error;
      // Another worker was first: compare with what it wrote.
      return await assertOwnNamespace(secrets, directory);
    }
  }
  const { id: ownerId, name: ownerName } = known.data.reveal();
  if (ownerId === id) return;
  throw ApplicationFailure.nonRetryable(
    `The connections in the secret store live in the Temporal namespace ${JSON.stringify(ownerName)} (${JSON.stringify(ownerId)}); ` +
      `this worker serves "${name}" (${id}), where none of them runs. Nothing was touched. Check TEMPORAL_ADDRESS and ` +
      `TEMPORAL_NAMESPACE. If this namespace replaces the other for good, destroy config/${NAMESPACE_KEY} in the secret ` +
      'store: the next reconciliation starts the connections here, as stopped.',
    'foreign_namespace',
  );
}
