import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, NativeConnection } from '@temporalio/worker';
import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';
import { afterAll } from 'vitest';
import {
  createReconcileConnections,
  type ReconcileDependencies,
} from '../../../activities/reconcile/reconcile-connections.ts';
import { createProviders } from '../../../providers/registry.ts';
import { createRestoreAccess } from '../../../activities/live-record.ts';
import { systemClock } from '../../../platform/clock.ts';
import { loadConfig } from '../../../platform/config.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { createLogger } from '../../../platform/logger.ts';
import { Secret } from '../../../platform/secret.ts';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import { createSandboxClient, type SandboxClient } from '../../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../../sandbox/sandbox.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { createSearchDigests, type SearchDigests } from '../../../stores/search-digests.ts';
import type { SecretStore } from '../../../stores/secrets/port.ts';
import { compose } from '../../../worker/compose.ts';
import { createConnectionDirectory } from '../../../worker/connection-directory.ts';
import { createWorkers } from '../../../worker/workers.ts';
import type { ConnectionStatus, ConnectionView, RequestMemo } from '../../../contracts/connection.ts';
import { taskQueues, workflowTypes } from '../../../contracts/ids.ts';
import { messages, type ConnectionInput } from '../../../contracts/messages.ts';
import type { ReconcileReport } from '../../../contracts/reconcile.ts';
import { eventually } from '../../support/eventually.ts';
import { makeNamespace } from '../../support/namespace.ts';
import '../../support/quiet-temporal.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

export const tenant = 'acme';
const redirectUri = 'http://127.0.0.1:5000/ovh/oauth2/callback';
const base32 = 'abcdefghijklmnopqrstuvwxyz234567';
const newConnectionId = (): string => `con_${[...randomBytes(26)].map((byte) => base32[byte % 32]).join('')}`;

/** One connection, as operators, customers and platforms meet it. */
export interface Lived {
  readonly id: string;
  readonly request: RequestMemo;
  /** Of the newest run. */
  readonly handle: WorkflowHandle;
  /** What `GET` answers without a worker: the memo of the newest run. */
  view(): Promise<ConnectionView>;
  reaches(status: ConnectionStatus): Promise<ConnectionView>;
  signIn(): Promise<void>;
  send(verb: keyof typeof messages, command?: object): Promise<ConnectionView>;
  /** Temporal's word for the newest run. */
  runStatus(): Promise<string>;
  /** Names of what is stored below each gate. */
  stored(): Promise<Record<'live' | 'revoking' | 'pending', readonly string[]>>;
}

export interface World {
  readonly client: Client;
  readonly secrets: SecretStore;
  readonly ephemeral: EphemeralStore;
  readonly searchDigests: SearchDigests;
  readonly cloud: SandboxClient;
  start(): Promise<Lived>;
  connect(): Promise<Lived>;
  /** What a connection is after Temporal's retention: the same records under an id that Temporal knows nothing of. */
  forgotten(lived: Lived): Promise<Lived>;
  /** One reconciliation, with no pause between its two looks unless one is given. */
  reconcile(overrides?: Partial<ReconcileDependencies>): Promise<ReconcileReport>;
  putSchedules(): Promise<void>;
  log(): string;
}

/** Real workers on a real Temporal server, with the sandbox's clouds; on SQLite stores unless Vault's variables are given. */
export async function startWorld(address: string, vault: Readonly<Record<string, string>> = {}): Promise<World> {
  const folder = temporaryFolder();
  const keys = KeyRing.generate();
  const keyRing = KeyRing.parse(keys);
  const namespace = await makeNamespace(address);
  const sandbox = createSandbox();
  const environment = sandboxEnvironment(await sandbox.listen());
  const lines: string[] = [];
  const logger = createLogger('worker', 'info', { write: (line) => void lines.push(line) });
  const config = loadConfig('worker', {
    MOORING_MODE: 'dev',
    MOORING_STATE_DIR: folder,
    MOORING_KEYS: keys,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    ...vault,
  });
  const composition = compose(config, environment, logger);
  const { secrets, ephemeral } = composition;
  const searchDigests = createSearchDigests({ secrets, mayWrite: true });
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace, dataConverter: createDataConverter(keyRing, true) });
  const ovhWork = composition.providerWork.filter(({ id }) => id === 'ovh');
  const workers = await createWorkers(config, native, composition.activities, ovhWork, composition.isKnownKey);
  const ended = Promise.all(workers.map(async (worker) => await worker.run()));
  const cloud = createSandboxClient(sandbox.url);
  afterAll(async () => {
    for (const worker of workers) worker.shutdown();
    await ended;
    await Promise.all([composition.close(), native.close(), connection.close(), sandbox.close()]);
  });

  async function signInTo(id: string, epoch: number): Promise<void> {
    const verifier = generateRandomCodeVerifier();
    const url = new URL(environment['OVH_EU_AUTHORIZE_URL'] ?? '');
    url.search = new URLSearchParams({
      client_id: environment['OVH_EU_CLIENT_ID'] ?? '',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'all',
      state: randomUUID(),
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString();
    const code = (await cloud.decide(url)).searchParams.get('code') ?? '';
    const answer = { kind: 'code', code, sealedVerifier: keyRing.seal('envelope', verifier, id), iss: null };
    const callback = { epoch, stateHash: randomUUID(), browserHash: 'browser', redirectUri, answer };
    await client.workflow.getHandle(id).signal(messages.oauthCallback, callback);
  }

  function lifeOf(id: string, request: RequestMemo): Lived {
    const handle = client.workflow.getHandle(id);
    const lived: Lived = {
      id,
      request,
      handle,
      view: async () => (await handle.describe()).memo?.['view'] as ConnectionView,
      reaches: async (status) =>
        await eventually(`${id} to be ${status}`, async () => {
          const view = await lived.view();
          if (view.status !== status) throw new Error(`It is ${view.status}.`);
          return view;
        }),
      signIn: async () => await signInTo(id, (await lived.view()).invitation?.epoch ?? 0),
      send: (verb, command = {}) => handle.executeUpdate(messages[verb], { args: [{ tenant, ...command }] }),
      runStatus: async () => (await handle.describe()).status.name,
      async stored() {
        const [live, revoking, pending] = await Promise.all(
          (['live', 'revoking', 'pending'] as const).map(async (gate) => await secrets.list(gate, `${id}/`)),
        );
        return { live: live ?? [], revoking: revoking ?? [], pending: pending ?? [] };
      },
    };
    return lived;
  }

  const world: World = {
    client,
    searchDigests,
    secrets,
    ephemeral,
    cloud,
    log: () => lines.join(''),
    putSchedules: () => composition.putSchedules(),

    async start() {
      const id = newConnectionId();
      const request = { digest: randomUUID(), invitationExpiresAt: new Date(Date.now() + 86_400_000).toISOString() };
      const input: ConnectionInput = {
        id,
        tenant,
        provider: 'ovh',
        region: 'ovh-eu',
        method: 'authorization_code',
        name: 'Blog',
        tags: ['blue'],
        setup: {},
        discovery: null,
        invitation: { lifetimeSeconds: 86_400, passcodeRequired: false, confirm: false },
      };
      await client.workflow.start(workflowTypes.connection, {
        workflowId: id,
        taskQueue: taskQueues.workflows,
        args: [input],
        memo: { request },
      });
      const lived = lifeOf(id, request);
      await eventually(`${id} to be told`, async () => (await lived.view())?.status === 'awaiting_customer');
      return lived;
    },

    async connect() {
      const lived = await world.start();
      await lived.signIn();
      await lived.reaches('active');
      return lived;
    },

    async forgotten({ id, request }) {
      const forgottenId = newConnectionId();
      for (const name of await secrets.list('live', `${id}/`)) {
        const document = (await secrets.read('live', `${id}/${name}`))?.data.reveal();
        const renamed = JSON.parse(JSON.stringify(document).replaceAll(id, forgottenId)) as JsonObject;
        await secrets.write('live', `${forgottenId}/${name}`, new Secret(renamed));
      }
      return lifeOf(forgottenId, request);
    },

    async reconcile(overrides = {}) {
      const reconcileConnections = createReconcileConnections({
        secrets,
        ephemeral,
        directory: createConnectionDirectory(client, systemClock, searchDigests),
        clock: systemClock,
        logger,
        restoreAccess: createRestoreAccess({
          secrets,
          providers: createProviders({ environment, fetch, clock: systemClock }),
        }),
        sleep: async () => undefined,
        ...overrides,
      });
      const activity = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
      return await activity.run(reconcileConnections);
    },
  };
  return world;
}
