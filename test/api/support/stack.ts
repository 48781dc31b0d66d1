import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, type Worker } from '@temporalio/worker';
import { afterAll, inject } from 'vitest';
import { manifests } from '../../../providers/manifests/all.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import type { App } from '../../../api/http/app-types.ts';
import { buildApp } from '../../../api/app.ts';
import { createQuotas, type Quotas } from '../../../api/http/quotas.ts';
import { createBatchesGateway } from '../../../api/batches/gateway.ts';
import { createBulkGateway } from '../../../api/bulk/gateway.ts';
import { createDeliveriesGateway } from '../../../api/webhooks/gateway.ts';
import { createReplaysGateway } from '../../../api/webhooks/replay-gateway.ts';
import { createConnectionsGateway } from '../../../api/temporal/gateway.ts';
import { createProviderCatalog } from '../../../api/connections/provider-catalog.ts';
import { loadConfig } from '../../../platform/config.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createLogger } from '../../../platform/logger.ts';
import { createDeliveryStarter } from '../../../platform/temporal/delivery-start.ts';
import { createDataConverter } from '../../../platform/temporal/data-converter.ts';
import { Registry } from '../../../platform/metrics.ts';
import { createSandboxClient, type SandboxClient } from '../../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../../sandbox/sandbox.ts';
import type { OperatorScope, TenantScope } from '../../../stores/api-key-scopes.ts';
import { createApiKeys } from '../../../stores/api-keys.ts';
import { anyFreePort } from '../../../scripts/dev/ports.ts';
import { createAudit, type Audit } from '../../../stores/audit/audit.ts';
import { createSqliteAuditStore } from '../../../stores/audit/sqlite.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createInventory } from '../../../stores/inventory/inventory.ts';
import { SecretStoreUnavailable, type SecretStore } from '../../../stores/secrets/port.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';
import { createProviderPauses, recentPauses } from '../../../stores/provider-pauses.ts';
import { createProviderStates } from '../../../stores/provider-states.ts';
import { createSearchDigests } from '../../../stores/search-digests.ts';
import { createTellEndpoints } from '../../../stores/webhooks/tell-endpoints.ts';
import { createWebhookEndpoints } from '../../../stores/webhooks/endpoints.ts';
import { createTenants, type Tenants } from '../../../stores/tenants.ts';
import { compose as composeWorker } from '../../../worker/compose.ts';
import { createWorkers } from '../../../worker/workers.ts';
import type { ConnectionInput } from '../../../contracts/messages.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import '../../support/quiet-temporal.ts';
import { makeNamespace } from '../../support/namespace.ts';

export interface Stack {
  readonly app: App;
  /** Where the API really listens when that was asked for; else only what it calls itself. */
  readonly publicUrl: string;
  readonly cloud: SandboxClient;
  readonly secrets: SecretStore;
  readonly ephemeral: EphemeralStore;
  readonly audit: Audit;
  readonly tenants: Tenants;
  readonly client: Client;
  readonly keyRing: KeyRing;
  /** Moves the clock of API and stores ahead; Temporal's goes on as it does. */
  advance(seconds: number): void;
  /** Makes the tenant too, where there is none. */
  keyFor(tenant: string, ...scopes: TenantScope[]): Promise<{ authorization: string }>;
  operatorKey(...scopes: OperatorScope[]): Promise<{ authorization: string }>;
  log(): string;
  /** While true, no call of the API to the ephemeral store is answered; the worker's are. */
  loseEphemeralStore(lost: boolean): void;
  /** The same for the secret store, as far as connections are looked up. */
  loseSecretStore(lost: boolean): void;
  /** Nobody serves workflows until {@link startWorker}. */
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
}

const unlimited: Quotas = {
  connections: null,
  submissionsPerMinute: null,
  validationsPerMinute: null,
  invitationsPerHour: null,
};

/** The API on SQLite stores with a real Temporal server, a real worker and the sandbox clouds, for one suite. */
export async function startStack(
  address: string,
  { listens = false, quotas = unlimited }: { listens?: boolean; quotas?: Quotas } = {},
): Promise<Stack> {
  const folder = temporaryFolder();
  const port = listens ? await anyFreePort() : 5000;
  const publicUrl = `http://localhost:${port}`;
  const keys = KeyRing.generate();
  const keyRing = KeyRing.parse(keys);
  let aheadMs = 0;
  const clock = { now: () => Date.now() + aheadMs };
  const sandbox = createSandbox();
  const environment = sandboxEnvironment(await sandbox.listen());
  const namespace = await makeNamespace(address);
  const secrets = createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock });
  let isLost = false;
  let areSecretsLost = false;
  const ephemeral = losing(
    createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock }),
    () => isLost,
  );
  const dataConverter = createDataConverter(keyRing, true);
  const connection = await Connection.connect({ address });
  const nativeConnection = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace, dataConverter });
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = createLogger('test', 'info', sink);
  const apiKeys = createApiKeys({ secrets, clock });
  const auditStore = createSqliteAuditStore({ path: join(folder, 'audit.db') });
  const audit = createAudit({ store: auditStore, keyRing, clock, logger, retention: { lines: 10_000, days: 400 } });
  const tenants = createTenants({ secrets });
  const webhookEndpoints = createWebhookEndpoints({ secrets, clock });
  const providerPauses = recentPauses(createProviderPauses({ secrets, clock }), clock);
  const connections = createConnectionsGateway({
    client,
    ephemeral,
    secrets: {
      ...secrets,
      async read(gate, key) {
        if (areSecretsLost) throw new SecretStoreUnavailable('It does not answer.', { ambiguous: false });
        return await secrets.read(gate, key);
      },
    },
    inventory: createInventory({ ephemeral, clock }),
    clock,
    logger,
    tellEndpoints: createTellEndpoints({
      endpoints: webhookEndpoints,
      deliveries: createDeliveryStarter(client, clock),
      ephemeral,
      clock,
      logger,
    }),
  });
  const app = await buildApp({
    config: {
      publicUrl,
      uiOrigin: 'http://localhost:8233',
      codecPathToken: undefined,
      requestsPerMinute: null,
      quotas,
      webhooks: { allowed: 'localhost,127.0.0.1,::1', allowsHttp: true },
      temporal: { namespace },
      discovery: { intervalSeconds: 3_600, concurrency: 8 },
    },
    logger,
    clock,
    metrics: new Registry(),
    randomBytes,
    keyRing,
    connections,
    batches: createBatchesGateway({ client }),
    bulk: createBulkGateway({ client }),
    webhookEndpoints,
    deliveries: createDeliveriesGateway({ client, clock }),
    replays: createReplaysGateway({ client, clock }),
    quotas: createQuotas({ config: { quotas }, connections, ephemeral, tenants, clock, logger }),
    secrets,
    ephemeral,
    audit,
    inventory: createInventory({ ephemeral, clock }),
    apiKeys,
    searchDigests: createSearchDigests({ secrets, mayWrite: true }),
    tenants,
    providers: createProviderCatalog(manifests.map((manifest) => resolveSettings(manifest, environment))),
    providerPauses,
    providerStates: createProviderStates({ ephemeral, pauses: providerPauses, clock }),
  });
  await app.ready();
  if (listens) await app.listen({ port, host: 'localhost' });

  const workerConfig = loadConfig('worker', {
    MOORING_MODE: 'dev',
    MOORING_STATE_DIR: folder,
    MOORING_KEYS: keys,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
  });
  const worker = composeWorker(workerConfig, environment, logger);
  let running: { workers: readonly Worker[]; ended: Promise<unknown> } | undefined;

  const stack: Stack = {
    app,
    publicUrl,
    cloud: createSandboxClient(sandbox.url),
    secrets,
    ephemeral,
    audit,
    tenants,
    client,
    keyRing,
    advance(seconds) {
      aheadMs += seconds * 1000;
    },
    async keyFor(tenant, ...scopes) {
      // What comes in by a link is used at once, where a test does not say otherwise.
      const document = { displayName: tenant, platformRedirectUris: [], confirmsInvitations: false };
      if (!(await tenants.read(tenant))) await tenants.write(tenant, document);
      const { key } = await apiKeys.create({ tenant, scopes, name: 'test', expiresAt: null });
      return { authorization: `Bearer ${key.reveal()}` };
    },
    async operatorKey(...scopes) {
      const { key } = await apiKeys.create({ tenant: null, scopes, name: 'test', expiresAt: null });
      return { authorization: `Bearer ${key.reveal()}` };
    },
    log: () => lines.join(''),
    loseEphemeralStore(lost) {
      isLost = lost;
    },
    loseSecretStore(lost) {
      areSecretsLost = lost;
    },
    async startWorker() {
      await worker.reportProviders();
      const workers = await createWorkers(
        workerConfig,
        nativeConnection,
        worker.activities,
        worker.providerWork,
        worker.isKnownKey,
      );
      running = { workers, ended: Promise.all(workers.map(async (each) => await each.run())) };
    },
    async stopWorker() {
      for (const each of running?.workers ?? []) each.shutdown();
      await running?.ended;
      running = undefined;
    },
  };
  await stack.startWorker();
  afterAll(async () => {
    await stack.stopWorker();
    await app.close();
    await worker.close();
    await Promise.all([
      connection.close(),
      nativeConnection.close(),
      sandbox.close(),
      secrets.close(),
      ephemeral.close(),
      auditStore.close(),
    ]);
  });
  return stack;
}

/** What starts a connection, for a test that starts one by its own hand. */
export const inputOf = (changes: Partial<ConnectionInput> & Pick<ConnectionInput, 'id'>): ConnectionInput => ({
  tenant: 'acme',
  provider: 'ovh',
  region: 'ovh-eu',
  method: 'authorization_code',
  name: null,
  tags: [],
  invitation: { lifetimeSeconds: 3600, passcodeRequired: false, confirm: false },
  setup: {},
  discovery: null,
  ...changes,
});

/** The address of the run's Temporal server; null where this machine has none. */
export const temporalAddress = (): string | null => inject('components').temporal?.address ?? null;

/** The store, but for when it is lost. */
const losing = (store: EphemeralStore, isLost: () => boolean): EphemeralStore =>
  new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function' || name === 'close' || !isLost()) return member;
      return () => Promise.reject(new EphemeralStoreUnavailable('The store is lost.'));
    },
  });
