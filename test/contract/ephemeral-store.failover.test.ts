import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { Secret } from '../../platform/secret.ts';
import { answers, anyFreePort } from '../../scripts/dev/ports.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { createRedisEphemeralStore } from '../../stores/ephemeral/redis.ts';
import { eventually } from '../support/eventually.ts';
import { launch } from '../support/servers/launch.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ephemeralStoreContract } from './ephemeral-store.contract.ts';

const { redis: component } = inject('components');
const WITHIN = { timeout: 30_000 };

function openStore(url: string): EphemeralStore {
  const store = createRedisEphemeralStore({ url: new Secret(url), keyPrefix: `failover-${randomUUID()}:` });
  onTestFinished(async () => await store.close());
  return store;
}

async function startServer(port: number, extra: readonly string[], folder = temporaryFolder()) {
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const ready = async () => await answers(port);
  return await launch({ name: 'Redis', path: component!.path, args: [...own, ...extra], ready });
}

async function admin<T>(port: number, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(port);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

/** A primary with its replica, which has caught up. */
async function startPair() {
  const [primary, replica] = [await anyFreePort(), await anyFreePort()];
  onTestFinished((await startServer(primary, ['--repl-diskless-sync-delay', '0'])).stop);
  onTestFinished((await startServer(replica, ['--replicaof', '127.0.0.1', String(primary)])).stop);
  const isLinked = async () => (await admin(replica, (client) => client.info())).includes('master_link_status:up');
  await expect.poll(isLinked, WITHIN).toBe(true);
  return { primary, replica };
}

/** The first value has reached the replica: a failover loses what has not. */
const untilCopied = async (replica: number) =>
  await expect.poll(async () => await admin(replica, (client) => client.dbsize()), WITHIN).toBe(1);

/** A name that stands for one server and then for another, as in DNS: open connections stay where they are. */
async function startName(port: number): Promise<{ url: string; pointTo: (port: number) => void }> {
  let target = port;
  const server: Server = createServer((socket) => {
    const upstream = connect(target, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    for (const end of [socket, upstream]) end.on('error', () => void [socket.destroy(), upstream.destroy()]);
    onTestFinished(() => void [socket.destroy(), upstream.destroy()]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pointTo: (next) => void (target = next),
  };
}

describe.skipIf(component === null)('the ephemeral store after a failover', () => {
  it('the store follows its name to the new primary, where the old one is read-only and still connected', async () => {
    const { primary, replica } = await startPair();
    const name = await startName(primary);
    const store = openStore(name.url);
    await store.put('before', 1, 60);
    await untilCopied(replica);

    await admin(replica, (client) => client.replicaof('NO', 'ONE'));
    await admin(primary, (client) => client.replicaof('127.0.0.1', replica));
    name.pointTo(replica);

    const writes = async () =>
      await store.put('after', 2, 60).then(
        () => true,
        () => false,
      );
    await expect.poll(writes, WITHIN).toBe(true);
    expect(await store.get('before')).toBe(1);
    expect(await admin(replica, (client) => client.dbsize())).toBe(2);
  });

  it('a Redis that takes no writes is not ready, although it answers a PING', async () => {
    const { primary, replica } = await startPair();
    const store = openStore(`redis://127.0.0.1:${replica}`);
    await expect(store.ping()).rejects.toThrow('READONLY');
    expect(await admin(replica, (client) => client.ping())).toBe('PONG');
    await expect(openStore(`redis://127.0.0.1:${primary}`).ping()).resolves.toBeUndefined();
  });

  it(
    'the store asks Sentinel for the primary, and goes on with the one after a failover',
    { timeout: 90_000 },
    async () => {
      const { primary, replica } = await startPair();
      const sentinel = await anyFreePort();
      const file = join(temporaryFolder(), 'sentinel.conf');
      const settings = [
        `sentinel monitor chosen 127.0.0.1 ${primary} 1`,
        'sentinel down-after-milliseconds chosen 1000',
        'sentinel failover-timeout chosen 5000',
      ];
      await writeFile(file, `${settings.join('\n')}\n`);
      const args = [file, '--sentinel', '--port', String(sentinel), '--bind', '127.0.0.1'];
      const ready = async () => await answers(sentinel);
      const server = await launch({ name: 'Redis Sentinel', path: component!.path, args, ready });
      onTestFinished(server.stop);
      const knowsReplica = async () =>
        ((await admin(sentinel, (client) => client.call('SENTINEL', 'replicas', 'chosen'))) as unknown[]).length;
      await expect.poll(knowsReplica, WITHIN).toBe(1);

      const store = openStore(`redis+sentinel://127.0.0.1:${sentinel}/chosen`);
      await store.put('before', 1, 600);
      await untilCopied(replica);
      const order = () => admin(sentinel, (client) => client.call('SENTINEL', 'failover', 'chosen'));
      // Sentinel first has to find the replica good enough.
      await eventually('Sentinel to begin a failover', async () => (await order()) === 'OK', WITHIN.timeout);
      const isPrimary = async () => (await admin(replica, (client) => client.role()))[0];
      await expect.poll(isPrimary, WITHIN).toBe('master');
      // What is written while Sentinel still names the old primary is lost with it: that is Redis's promise.
      const copies = async () => {
        await store.put('after', 2, 600).catch(() => undefined);
        return await admin(replica, (client) => client.dbsize());
      };
      await expect.poll(copies, WITHIN).toBe(2);
      expect(await store.get('before')).toBe(1);
    },
  );
});

describe.skipIf(component === null)('the ephemeral store on a Redis Cluster', () => {
  let port: number;
  let stop: () => Promise<void>;
  // One node that has all slots: the client finds it and is redirected as with any number of nodes.
  beforeAll(async () => {
    const [own, bus] = [await anyFreePort(), await anyFreePort()];
    const folder = await mkdtemp(join(tmpdir(), 'mooring-cluster-'));
    const cluster = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-port', String(bus)];
    const server = await startServer(own, cluster, folder);
    port = own;
    stop = async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    };
    await admin(port, (client) => client.cluster('ADDSLOTSRANGE', 0, 16_383));
    const isUp = async () => (await admin(port, (client) => client.cluster('INFO'))).includes('cluster_state:ok');
    await eventually('the cluster to be up', isUp);
  });
  afterAll(async () => await stop());

  ephemeralStoreContract(async () => {
    const keyPrefix = `contract-${randomUUID()}:`;
    const store = createRedisEphemeralStore({ url: new Secret(`redis+cluster://127.0.0.1:${port}`), keyPrefix });
    const letPass = async (key: string) => void (await admin(port, (client) => client.pexpire(keyPrefix + key, 0)));
    return { store, letPass };
  });

  it("all keys of a connection's inventory are in one slot", async () => {
    const keys = [ephemeralKeys.inventory, ephemeralKeys.inventoryRows, ephemeralKeys.inventoryDropped];
    const slots = await admin(port, (client) =>
      Promise.all(keys.map((key) => client.cluster('KEYSLOT', `mooring:${key('con_one')}`))),
    );
    expect(new Set(slots).size).toBe(1);
  });
});
