import { join } from 'node:path';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { Egress } from '../platform/egress.ts';
import type { Logger } from '../platform/logger.ts';
import { countKeys, measured, operationSeconds, type Registry } from '../platform/metrics.ts';
import type { AuditStore } from './audit/port.ts';
import { createRedisAuditStore } from './audit/redis.ts';
import { createSqliteAuditStore } from './audit/sqlite.ts';
import type { EphemeralStore } from './ephemeral/port.ts';
import { createRedisEphemeralStore } from './ephemeral/redis.ts';
import { createSealedEphemeralStore } from './ephemeral/sealed.ts';
import { createSqliteEphemeralStore } from './ephemeral/sqlite.ts';
import { SecretStoreConflict, type SecretStore } from './secrets/port.ts';
import { createSqliteSecretStore } from './secrets/sqlite.ts';
import { createVaultTransport } from './secrets/vault-client.ts';
import { createVaultSecretStore } from './secrets/vault.ts';

export interface Stores {
  readonly secrets: SecretStore;
  readonly ephemeral: EphemeralStore;
  close(): Promise<void>;
}

/** A process's stores, as its configuration names them, each call measured. For `compose.ts` alone; connects lazily. */
export function composeStores(config: Config, egress: Egress, metrics: Registry, logger: Logger): Stores {
  countKeys(metrics, config.keyRing);
  const now = (): number => performance.now();
  const seconds = (store: 'secret' | 'ephemeral') =>
    operationSeconds(metrics, `mooring_${store}_store_seconds`, `Calls to the ${store} store.`);
  // A conflict is a correct answer of check-and-set, not a failure.
  const isFault = (error: unknown): boolean => !(error instanceof SecretStoreConflict);
  const secrets = measured(openSecretStore(config, egress, logger), seconds('secret'), now, isFault);
  const ephemeral = measured(ephemeralStore(config, egress, logger), seconds('ephemeral'), now);
  return {
    secrets,
    ephemeral,
    async close() {
      await Promise.all([ephemeral.close(), secrets.close()]);
    },
  };
}

/** The secret store that the configuration names: Vault, or the stand-in of `npm start`. */
export function openSecretStore(config: Config, egress: Egress, logger?: Logger): SecretStore {
  const { vault, stateDirectory, keyRing } = config;
  if (!vault) return createSqliteSecretStore({ path: join(stateDirectory, 'secrets.db'), keyRing, clock: systemClock });
  const { address, mount, namespace, roleId, secretId } = vault;
  return createVaultSecretStore({
    address,
    mount,
    namespace,
    auth: { roleId, secretId },
    clock: systemClock,
    transport: createVaultTransport(egress),
    ...(logger && { logger }),
  });
}

function ephemeralStore(
  { redisUrl, stateDirectory, keyRing }: Config,
  { authorities }: Egress,
  logger: Logger,
): EphemeralStore {
  if (redisUrl) {
    const store = createRedisEphemeralStore({ url: redisUrl, logger, ...(authorities && { authorities }) });
    return createSealedEphemeralStore({ store, keyRing, clock: systemClock, logger });
  }
  return createSqliteEphemeralStore({ path: join(stateDirectory, 'ephemeral.db'), keyRing, clock: systemClock });
}

/** The store of the audit record: with a connection of its own, so that it delays nothing else. */
export function openAuditStore(
  { redisUrl, stateDirectory }: Config,
  { authorities }: Egress,
  logger: Logger,
): AuditStore {
  if (redisUrl) return createRedisAuditStore({ url: redisUrl, logger, ...(authorities && { authorities }) });
  return createSqliteAuditStore({ path: join(stateDirectory, 'audit.db') });
}
