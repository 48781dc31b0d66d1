import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { createActivities } from '../../../activities/index.ts';
import type { Answer, Post } from '../../../activities/webhooks/post.ts';
import { createProviders } from '../../../providers/registry.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createLogger } from '../../../platform/logger.ts';
import { createDeliveryStarter } from '../../../platform/temporal/delivery-start.ts';
import { createSandboxClient, type SandboxClient } from '../../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../../sandbox/sandbox.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createSearchDigests } from '../../../stores/search-digests.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';
import { createWebhookEndpoints } from '../../../stores/webhooks/endpoints.ts';
import type { WebhookEndpoints } from '../../../stores/webhooks/port.ts';
import { createTellEndpoints } from '../../../stores/webhooks/tell-endpoints.ts';
import { providerQueues, taskQueues } from '../../../contracts/ids.ts';
import { createBatchConnections } from '../../../worker/batch-connections.ts';
import { createBulkConnections } from '../../../worker/bulk-connections.ts';
import { createReplayedDeliveries } from '../../../worker/replayed-deliveries.ts';
import { heartbeat } from '../../../worker/heartbeat.ts';
import { workflowBundle } from '../../support/bundle.ts';
import type { TestServer } from '../../support/dev-server.ts';
import { interruptible } from '../../support/provider-gate.ts';
import { startTimeSkipping } from '../../support/time-skipping.ts';
import { createFaultySecretStore, type FaultySecretStore } from '../../unit/activities/faulty-secret-store.ts';
import { startConnection, type Connection, type ConnectionOptions } from './connection.ts';

/** The real workflow and activities on a sandbox cloud and SQLite stores, in a year that passes in seconds. */
export interface World {
  readonly skipping: TestServer;
  readonly cloud: SandboxClient;
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: FaultySecretStore;
  readonly keyRing: KeyRing;
  readonly webhooks: Webhooks;
  /** A new connection that waits for its customer. */
  start(options?: ConnectionOptions): Promise<Connection>;
  /** One whose customer has signed in. */
  connect(options?: ConnectionOptions): Promise<Connection>;
  /** Lets that much of the environment's time pass. */
  pass(duration: { days?: number; hours?: number; minutes?: number; seconds?: number }): Promise<void>;
  /** Milliseconds of the environment's time. */
  now(): Promise<number>;
  close(): Promise<void>;
}

/** Endpoints, and what reaches them. */
export interface Webhooks {
  readonly endpoints: WebhookEndpoints;
  readonly received: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }[];
  /** What every endpoint answers. */
  answer: Partial<Answer>;
  readonly ephemeral: { down: boolean };
}

const HOUR_MS = 3_600_000;
const timeSkipping = async (): Promise<TestServer> => ({ ...(await startTimeSkipping()), namespace: 'default' });
/** No provider is paused, and none is unavailable as a whole. */
const nothingDiscovered = () => Promise.reject(new Error('Nothing is discovered here.'));
const openGate = {
  check: async () => undefined,
  state: async () => 'closed' as const,
  afterFailure: async () => undefined,
  note: async () => undefined,
};

/** By default on a time-skipping server of its own, with keys of its own. */
export async function createWorld(
  start: () => Promise<TestServer> = timeSkipping,
  keyRing: KeyRing = KeyRing.parse(KeyRing.generate()),
): Promise<World> {
  const skipping = await start();
  const { clock, environment: temporal } = skipping;
  const folder = await mkdtemp(join(tmpdir(), 'mooring-world-'));
  const sandbox = createSandbox({ clock });
  const environment = sandboxEnvironment(await sandbox.listen());
  const cloud = createSandboxClient(sandbox.url);
  const secrets = createFaultySecretStore(
    createSqliteSecretStore({ path: join(folder, 'secrets.db'), keyRing, clock }),
  );
  const ephemeral = interruptible(createSqliteEphemeralStore({ path: join(folder, 'ephemeral.db'), keyRing, clock }));
  // Not the environment's own client: where that one waits for a result, time is skipped.
  const client = new Client({ connection: temporal.connection, namespace: skipping.namespace, ...skipping.converter });
  const searchDigests = createSearchDigests({ secrets, mayWrite: true });
  const logger = createLogger('worker', 'silent');
  const endpoints = createWebhookEndpoints({ secrets, clock });
  const deliveries = createDeliveryStarter(client, clock);
  const webhooks: Webhooks = { endpoints, received: [], answer: {}, ephemeral };
  const post: Post = async (url, { headers, body }) => {
    webhooks.received.push({ url, headers, body });
    return { status: 200, retryAfter: undefined, body: '', ...webhooks.answer };
  };
  const dependencies = {
    secrets,
    ephemeral,
    providers: createProviders({ environment, fetch, clock }),
    keyRing,
    clock,
    logger,
    gate: openGate,
    observer: { attempted: () => undefined },
    random: Math.random,
    startDiscoveryIfDue: async () => ({ nextAt: null }),
    searchDigests,
    newId: randomUUID,
    tellEndpoints: createTellEndpoints({ endpoints, deliveries, ephemeral, clock, logger }),
    webhooks: { endpoints, post, allowsHttp: false, existing: createReplayedDeliveries(client, clock) },
    batches: {
      connections: createBatchConnections(client, clock, searchDigests),
      // No time passes for the environment while an activity runs.
      sleep: async () => await setImmediate(),
    },
    bulk: { connections: createBulkConnections(client) },
    discovery: { starter: { start: nothingDiscovered, tell: nothingDiscovered }, listsAtOnce: 1 },
  };
  const activities = createActivities(dependencies);
  const shared = { activities, interceptors: { activity: [heartbeat] } };
  const workers: Worker[] = [
    await skipping.createWorker({
      ...shared,
      taskQueue: taskQueues.workflows,
      workflowBundle: await workflowBundle(),
    }),
    await skipping.createWorker({ ...shared, taskQueue: taskQueues.webhooks }),
  ];
  for (const provider of dependencies.providers.keys()) {
    const { upkeep, now } = providerQueues(provider);
    for (const taskQueue of [upkeep, now]) workers.push(await skipping.createWorker({ ...shared, taskQueue }));
  }
  const running = Promise.all(workers.map((worker) => worker.run()));

  const world: World = {
    skipping,
    cloud,
    environment,
    secrets,
    keyRing,
    webhooks,
    start: (options) => startConnection(world, options),
    async connect(options) {
      const connection = await startConnection(world, options);
      await connection.signIn();
      await connection.reaches('active');
      return connection;
    },
    async pass({ days = 0, hours = 0, minutes = 0, seconds = 0 }) {
      let left = (days * 24 + hours) * HOUR_MS + minutes * 60_000 + seconds * 1000;
      // One call must end within the client's deadline, however much happens in that time.
      for (; left > 0; left -= 12 * HOUR_MS) await temporal.sleep(Math.min(left, 12 * HOUR_MS));
      await clock.sync();
    },
    now: () => temporal.currentTimeMs(),
    async close() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      await skipping.close();
      await Promise.all([sandbox.close(), secrets.close(), ephemeral.close()]);
      await rm(folder, { recursive: true });
    },
  };
  return world;
}

/** One world for a file; after each test the cloud and the store work again, and its connections are gone. */
export function useWorld(start?: () => Promise<TestServer>): World {
  let world: World | undefined;
  const open: Connection[] = [];
  beforeAll(async () => {
    world = await createWorld(start);
  });
  afterEach(async () => {
    if (world) {
      world.secrets.down = false;
      world.webhooks.ephemeral.down = false;
      world.webhooks.answer = {};
    }
    for (const connection of open.splice(0)) await connection.terminate();
    await world?.cloud.reset();
  });
  afterAll(async () => await world?.close());
  const current = (): World => {
    if (!world) throw new Error('The world exists within tests alone.');
    return world;
  };
  const remembered = async (starting: Promise<Connection>): Promise<Connection> => {
    const connection = await starting;
    open.push(connection);
    return connection;
  };
  return {
    get skipping() {
      return current().skipping;
    },
    get cloud() {
      return current().cloud;
    },
    get environment() {
      return current().environment;
    },
    get secrets() {
      return current().secrets;
    },
    get keyRing() {
      return current().keyRing;
    },
    get webhooks() {
      return current().webhooks;
    },
    start: (more) => remembered(current().start(more)),
    connect: async (more) => {
      const connection = await remembered(current().start(more));
      await connection.signIn();
      await connection.reaches('active');
      return connection;
    },
    pass: (duration) => current().pass(duration),
    now: () => current().now(),
    close: () => current().close(),
  };
}
