import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { onTestFinished } from 'vitest';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import { createRefreshGate } from '../../../activities/refresh/gate.ts';
import { createLogger } from '../../../platform/logger.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { Secret } from '../../../platform/secret.ts';
import type { CredentialRecord, SpendingMarker } from '../../../stores/secrets/credential-record.ts';
import { newRecord } from '../../../stores/secrets/credential-record.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';
import type { ConnectionRef, ConnectionView } from '../../../workflows/contracts/connection.ts';
import type { RefreshInput } from '../../../workflows/contracts/activities.ts';
import { withIssue } from '../../../activities/records.ts';
import { createFaultySecretStore } from './faulty-secret-store.ts';
import { createScriptedCloud } from './scripted-cloud.ts';

export const connection: ConnectionRef = {
  id: 'con_aaaaaaaaaaaaaaaaaaaaaaaaaa',
  tenant: 'acme',
  provider: 'ovh',
  region: 'ovh-eu',
  method: 'authorization_code',
};

const bornAt = Date.parse('2030-01-01T00:00:00.000Z');

/** Real stores in a folder of this test, a scripted cloud, and one connected account of generation 1. */
export async function createUpkeepWorld(options: { cap?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-upkeep-'));
  let now = bornAt;
  const clock = { now: () => now };
  const keyRing = KeyRing.parse(KeyRing.generate());
  const secrets = createFaultySecretStore(
    createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock }),
  );
  const ephemeral = createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock });
  onTestFinished(async () => {
    await Promise.all([secrets.close(), ephemeral.close()]);
    await rm(folder, { recursive: true });
  });
  const cloud = createScriptedCloud();
  let ids = 0;
  const deps: ActivityDependencies = {
    secrets,
    ephemeral,
    providers: new Map([['ovh', cloud.provider]]),
    keyRing,
    clock,
    logger: createLogger('worker', 'silent'),
    refreshGate: createRefreshGate({ cap: options.cap ?? 50, now: clock.now }),
    newId: () => `execution-${++ids}`,
  };

  /** What a sign-in gave, as it stands under `live/`. */
  const signedIn = (generation: number, attemptId: string) =>
    withIssue(newRecord(connection), {
      issued: { fields: new Secret(cloud.issue()), ttlSeconds: 3600, renewable: true, scopes: ['all'] },
      attemptId,
      generation,
      issuedAt: Math.floor(now / 1000),
    });
  await secrets.write('live', connection.id, signedIn(1, 'first'));

  const live = async (): Promise<CredentialRecord | undefined> =>
    (await secrets.read('live', connection.id))?.data.reveal() as CredentialRecord | undefined;

  return {
    deps,
    secrets,
    ephemeral,
    cloud,
    keyRing,
    signedIn,
    live,
    /** Writes over the record, whatever its version. */
    async change(mooring: Partial<CredentialRecord['mooring']>) {
      const record = await live();
      if (!record) throw new Error('There is no record to change.');
      const next = { ...record, mooring: { ...record.mooring, ...mooring } } as CredentialRecord;
      return await secrets.write('live', connection.id, new Secret(next));
    },
    marker: (ageMs: number): SpendingMarker => ({
      attempt_id: 'attempt-of-another',
      execution_id: 'execution-of-another',
      started_at_ms: now - ageMs,
      replay: false,
    }),
    pass: (milliseconds: number) => void (now += milliseconds),
  };
}

export type UpkeepWorld = Awaited<ReturnType<typeof createUpkeepWorld>>;

export const refreshInput = (attemptId: string, expectedGeneration = 1): RefreshInput => ({
  connection,
  expectedGeneration,
  attemptId,
  jitter: 0,
  view: { ...connection, status: 'active' } as ConnectionView,
});

/** Runs an activity as Temporal would: local or regular, at that attempt. */
export async function inActivity<I, O>(
  activity: (input: I) => Promise<O>,
  input: I,
  info: { isLocal?: boolean; attempt?: number } = {},
): Promise<O> {
  const environment = new MockActivityEnvironment(
    { isLocal: info.isLocal ?? false, attempt: info.attempt ?? 1 },
    { logger: new DefaultLogger('ERROR') },
  );
  return await environment.run(activity, input);
}
