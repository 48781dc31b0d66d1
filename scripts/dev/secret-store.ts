import { join } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import { createSqliteSecretStore } from '../../stores/secrets/sqlite.ts';
import { createVaultSecretStore } from '../../stores/secrets/vault.ts';

/** The secret store that the environment names, as API and worker open it. */
export function openSecretStore({ vault, stateDirectory, keyRing }: Config): SecretStore {
  if (!vault) {
    return createSqliteSecretStore({ path: join(stateDirectory, 'secrets.db'), keyRing, clock: systemClock });
  }
  const { address, mount, namespace, roleId, secretId } = vault;
  return createVaultSecretStore({ address, mount, namespace, auth: { roleId, secretId }, clock: systemClock });
}
