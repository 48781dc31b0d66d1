import type { StartDiscoveryIfDue } from '../../../activities/dependencies.ts';
import { askAgain } from '../../../activities/refresh/keep-fresh.ts';
import type { Clock } from '../../../platform/clock.ts';
import { Secret } from '../../../platform/secret.ts';
import { liveKeys, newRecord } from '../../../stores/secrets/credential-record.ts';
import type { SecretStore } from '../../../stores/secrets/port.ts';
import type { ConnectionActivities, RefreshInput } from '../../../contracts/activities.ts';
import type { ConnectionRef, CredentialFacts } from '../../../contracts/connection.ts';
import { problems } from '../../../contracts/problem.ts';
import { iso } from '../../../contracts/time.ts';

export interface ScriptedUpkeep {
  readonly activities: ConnectionActivities;
  readonly refreshes: Map<string, number>;
}

interface Dependencies {
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly startDiscoveryIfDue: StartDiscoveryIfDue;
}

const HOUR_MS = 3_600_000;

/** Upkeep that always works, so that a discovery is all that happens; it keeps a live record for lists to read. */
export function createScriptedUpkeep({ secrets, clock, startDiscoveryIfDue }: Dependencies): ScriptedUpkeep {
  const refreshes = new Map<string, number>();
  const store = async (connection: ConnectionRef): Promise<CredentialFacts> => {
    const generation = await writeLive(secrets, connection);
    const now = clock.now();
    const [issuedAt, expiresAt] = [iso(now), iso(now + HOUR_MS)];
    return { v: 1, generation, issuedAt, expiresAt, nextRefreshAt: expiresAt, renewable: true, scopes: [] };
  };
  const nothing = async (): Promise<void> => undefined;
  const proven = { outcome: 'proven', account: { id: 'acc', displayName: null }, warnings: [] } as const;
  const activities: ConnectionActivities = {
    exchangeCode: async () => ({ outcome: 'granted', warnings: [], proof: proven, credential: null }),
    recoverExchange: async () => ({ outcome: 'ambiguous', problem: problems.exchangeAmbiguous }),
    proveGrant: async () => proven,
    promoteGrant: async ({ connection }) => ({ outcome: 'promoted', credential: await store(connection) }),
    discardGrant: nothing,
    async keepFresh({ connection, discovery }) {
      const { nextAt } = discovery ? await startDiscoveryIfDue(connection, discovery) : { nextAt: null };
      const nowMs = clock.now();
      const atMs = Math.min(nextAt === null ? Infinity : Date.parse(nextAt), nowMs + HOUR_MS);
      throw askAgain({ atMs, nowMs, sentence: 'Fresh.', facts: null });
    },
    async refreshCredential({ connection }: RefreshInput) {
      refreshes.set(connection.id, (refreshes.get(connection.id) ?? 0) + 1);
      return { outcome: 'refreshed', facts: await store(connection), replayed: false, warnings: [] };
    },
    storeSealed: async () => ({ outcome: 'stored' }),
    resealReply: async ({ sealed }) => sealed,
    retireCredential: nothing,
    withdrawAccess: nothing,
    restoreAccess: async () => null,
    writeAbout: nothing,
    revokeCredential: async () => ({ outcome: 'nothing_to_revoke' }),
    destroySecrets: nothing,
    writeTombstone: nothing,
    verifyCredential: async () => proven,
    publishNews: async () => ({ told: true }),
  };
  return { activities, refreshes };
}

/** A live credential; answers the store's version of it. */
export const writeLive = async (secrets: SecretStore, connection: ConnectionRef): Promise<number> =>
  await secrets.write(
    'live',
    liveKeys.renewal(connection.id),
    new Secret({ ...newRecord(connection), access_token: 'at' }),
  );
