import type { ConnectionActivities } from '../../../workflows/contracts/activities.ts';
import type { CredentialFacts } from '../../../workflows/contracts/connection.ts';
import { Secret } from '../../../platform/secret.ts';
import type { SecretStore } from '../../../stores/secrets/port.ts';

export interface ScriptedUpkeep {
  readonly activities: ConnectionActivities;
  readonly refreshes: Map<string, number>;
}

/** Upkeep that always works, so that a discovery is all that happens; it keeps a live record for lists to read. */
export function createScriptedUpkeep(secrets: SecretStore): ScriptedUpkeep {
  const refreshes = new Map<string, number>();
  const store = async (id: string): Promise<CredentialFacts> => {
    const generation = await secrets.write('live', id, new Secret({ access_token: 'at' }));
    return { generation, ttlSeconds: 3_600, lifetimeSeconds: 3_600, renewable: true, scopes: [] };
  };
  const nothing = async (): Promise<void> => undefined;
  const activities: ConnectionActivities = {
    exchangeCode: async () => ({ outcome: 'granted', warnings: [] }),
    proveGrant: async () => ({ outcome: 'proven', account: { id: 'acc', displayName: null }, warnings: [] }),
    promoteGrant: async ({ connection }) => await store(connection.id),
    discardGrant: nothing,
    async refreshCredential({ connection }) {
      refreshes.set(connection.id, (refreshes.get(connection.id) ?? 0) + 1);
      return { outcome: 'refreshed', facts: await store(connection.id), replayed: false, warnings: [] };
    },
    storeSealed: async () => ({ outcome: 'stored' }),
    retireCredential: nothing,
    revokeCredential: async () => ({ outcome: 'nothing_to_revoke' }),
    destroySecrets: nothing,
    writeTombstone: nothing,
    verifyCredential: async () => ({ outcome: 'proven', account: { id: 'acc', displayName: null }, warnings: [] }),
    publishView: nothing,
  };
  return { activities, refreshes };
}
