import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { MockActivityEnvironment } from '@temporalio/testing';
import { onTestFinished } from 'vitest';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createLogger } from '../../../platform/logger.ts';
import { Secret } from '../../../platform/secret.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createInventory } from '../../../stores/inventory/inventory.ts';
import { liveKeys, newRecord } from '../../../stores/secrets/credential-record.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';
import type { ConnectionRef } from '../../../contracts/connection.ts';

export const connection: ConnectionRef = {
  id: 'con_aaaaaaaaaaaaaaaaaaaaaaaaaa',
  tenant: 'acme',
  provider: 'cloud',
  region: 'r1',
  method: 'sign_in',
};

/** Real stores in a folder of this test, and one connected account. */
export async function createDiscoveryWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-discovery-'));
  let now = Date.parse('2030-01-01T00:00:00.000Z');
  const clock = { now: () => now };
  const keyRing = KeyRing.parse(KeyRing.generate());
  const secrets = createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock });
  const ephemeral = createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock });
  onTestFinished(async () => {
    await Promise.all([secrets.close(), ephemeral.close()]);
    await rm(folder, { recursive: true });
  });
  const signIn = async (accessToken: string): Promise<void> => {
    const record = new Secret({ ...newRecord(connection), access_token: accessToken });
    await secrets.write('live', liveKeys.renewal(connection.id), record);
  };
  await signIn('at-1');
  return {
    secrets,
    ephemeral,
    inventory: createInventory({ ephemeral, clock }),
    clock,
    logger: createLogger('worker', 'silent'),
    /** Stores another credential. */
    signIn,
    pass: (milliseconds: number) => void (now += milliseconds),
  };
}

export type DiscoveryWorld = Awaited<ReturnType<typeof createDiscoveryWorld>>;

/** Runs an activity as Temporal would, at that attempt. */
export async function atAttempt<I, O>(attempt: number, activity: (input: I) => Promise<O>, input: I): Promise<O> {
  const environment = new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') });
  return await environment.run(activity, input);
}
