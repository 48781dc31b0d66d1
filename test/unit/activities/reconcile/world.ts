import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { onTestFinished } from 'vitest';
import {
  createReconcileConnections,
  type ReconcileDependencies,
} from '../../../../activities/reconcile/reconcile-connections.ts';
import { createRestoreAccess } from '../../../../activities/live-record.ts';
import type { JsonObject } from '../../../../platform/json.ts';
import { KeyRing } from '../../../../platform/key-ring.ts';
import { createLogger } from '../../../../platform/logger.ts';
import { Secret } from '../../../../platform/secret.ts';
import { createSqliteEphemeralStore } from '../../../../stores/ephemeral/sqlite.ts';
import { accessOf, liveKeys, newRecord, revokingKey } from '../../../../stores/secrets/credential-record.ts';
import type { SecretStore } from '../../../../stores/secrets/port.ts';
import { createSqliteSecretStore } from '../../../../stores/secrets/sqlite.ts';
import type { ConnectionAbout } from '../../../../contracts/activities.ts';
import type { ConnectionRef } from '../../../../contracts/connection.ts';
import type { ReconcileReport } from '../../../../contracts/reconcile.ts';
import { createManualClock } from '../../../contract/manual-clock.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { createScriptedDirectory } from './scripted-directory.ts';

const refOf = (id: string): ConnectionRef => ({
  id,
  tenant: 'acme',
  provider: 'ovh',
  region: 'ovh-eu',
  method: 'authorization_code',
});

export const aboutOf = (id: string): ConnectionAbout => ({
  v: 1,
  connection: refOf(id),
  name: 'Blog',
  tags: [],
  setup: {},
  account: { id: 'ada', displayName: null },
  epoch: 3,
  createdAt: '2029-12-01T00:00:00.000Z',
  discovery: null,
  request: null,
});

/** A real secret store in a folder of this test, and Temporal in memory. */
export function createReconcileWorld() {
  const folder = temporaryFolder();
  const keyRing = KeyRing.parse(KeyRing.generate());
  const clock = createManualClock();
  const secrets = createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock });
  const ephemeral = createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock });
  onTestFinished(async () => {
    await Promise.all([secrets.close(), ephemeral.close()]);
  });
  const temporal = createScriptedDirectory();
  const lines: string[] = [];
  const paused: number[] = [];
  const deps: ReconcileDependencies = {
    secrets,
    ephemeral,
    directory: temporal.directory,
    clock,
    logger: createLogger('worker', 'info', { write: (line) => void lines.push(line) }),
    restoreAccess: createRestoreAccess({ secrets, providers: new Map() }),
    sleep: async (milliseconds) => void paused.push(milliseconds),
  };
  return {
    deps,
    secrets,
    ephemeral,
    clock,
    temporal,
    paused,
    log: () => lines.join(''),
    reconcile: async (overrides: Partial<ReconcileDependencies> = {}) =>
      await inActivity(createReconcileConnections({ ...deps, ...overrides })),
    async putLive(id: string) {
      const record = newRecord(refOf(id));
      await secrets.write('live', liveKeys.renewal(id), new Secret(record));
      await secrets.write('live', liveKeys.access(id), new Secret<JsonObject>(accessOf(record, [])));
      await secrets.write('live', liveKeys.about(id), new Secret(aboutOf(id) as unknown as JsonObject));
    },
    putRevoking: async (id: string) =>
      await secrets.write('revoking', revokingKey(id), new Secret(newRecord(refOf(id)))),
    putPending: async (id: string, ref: string) =>
      await secrets.write('pending', `${id}/${ref}`, new Secret(newRecord(refOf(id)))),
    hasAccess: async (id: string) => (await secrets.read('live', liveKeys.access(id))) !== undefined,
  };
}

/** A store in which nothing can be done but list folders: for more connections than a test would write one by one. */
export function listsOnly(folders: Readonly<Partial<Record<string, readonly string[]>>>): SecretStore {
  const documents = new Map<string, JsonObject>();
  return {
    list: async (gate, prefix) => (prefix === '' ? [...(folders[gate] ?? [])] : []),
    async read(gate, key) {
      const document = documents.get(`${gate}/${key}`);
      return document && { version: 1, data: new Secret(document), writtenAt: '2030-01-01T00:00:00.000Z' };
    },
    async write(gate, key, data) {
      documents.set(`${gate}/${key}`, data.reveal());
      return 1;
    },
    destroy: async () => undefined,
    prune: async () => undefined,
    ping: async () => undefined,
    close: async () => undefined,
  };
}

async function inActivity(activity: () => Promise<ReconcileReport>): Promise<ReconcileReport> {
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  return (await environment.run(activity)) as ReconcileReport;
}
