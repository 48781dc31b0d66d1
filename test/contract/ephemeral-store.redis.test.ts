import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';

import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';

import { systemClock } from '../../platform/clock.ts';
import { loadConfig } from '../../platform/config.ts';
import { createEgress } from '../../platform/egress.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { createLogger } from '../../platform/logger.ts';
import { createRegistry } from '../../platform/metrics.ts';
import { Secret } from '../../platform/secret.ts';
import { answers, anyFreePort } from '../../scripts/dev/ports.ts';
import { composeStores } from '../../stores/compose.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../stores/ephemeral/port.ts';
import { createRedisEphemeralStore } from '../../stores/ephemeral/redis.ts';
import { createSealedEphemeralStore } from '../../stores/ephemeral/sealed.ts';
import { launch } from '../support/servers/launch.ts';
import { ephemeralStoreContract } from './ephemeral-store.contract.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { redis: component } = inject('components');

const TIMEOUT_MS = 200;
/** Extra time for a busy machine. */
const SLACK_MS = 1_500;

const openStore = (url: string, keyPrefix?: string) => {
  const store = createRedisEphemeralStore({
    url: new Secret(url),
    timeoutMs: TIMEOUT_MS,
    ...(keyPrefix === undefined ? {} : { keyPrefix }),
  });
  onTestFinished(async () => await store.close());
  return store;
};

/** The error of a failed call, which must be the port's, must come in time and must contain no secret. */
async function unavailability(call: () => Promise<unknown>): Promise<string> {
  const startedAt = performance.now();
  const error: unknown = await call().then(
    (value) => expect.unreachable(`answered ${inspect(value)}`),
    (reason: unknown) => reason,
  );
  expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  expect(error).toBeInstanceOf(EphemeralStoreUnavailable);
  expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('canary');
  return (error as EphemeralStoreUnavailable).message;
}

describe('an ephemeral store on a Redis that fails', () => {
  it('the ephemeral store fails at once where no Redis listens, and names the host without the password', async () => {
    const port = await anyFreePort();
    const store = openStore(`redis://user:canary@127.0.0.1:${port}/0`);
    for (const call of [() => store.get('a'), () => store.put('a', 'canary', 60), () => store.ping()]) {
      const message = await unavailability(call);
      expect(message).toContain(`127.0.0.1:${port}`);
      expect(message).toContain('ECONNREFUSED');
    }
  });

  it('the ephemeral store times out on a server that accepts the connection and never answers', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const store = openStore(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`);
    for (const call of [() => store.take('a'), () => store.increment('a', 60), () => store.ping()]) {
      expect(await unavailability(call)).toContain('127.0.0.1');
    }
  });
});

const sealed = (store: EphemeralStore): EphemeralStore =>
  createSealedEphemeralStore({
    store,
    keyRing: KeyRing.parse(KeyRing.generate()),
    clock: systemClock,
    logger: createLogger('test', 'silent'),
  });

describe.skipIf(component === null).each([
  ['on Redis', (store: EphemeralStore) => store],
  ['on Redis, as production seals it', sealed],
] as const)('the ephemeral store %s', (_what, over) => {
  ephemeralStoreContract(async () => {
    const keyPrefix = `contract-${randomUUID()}:`;
    const store = over(createRedisEphemeralStore({ url: new Secret(component!.url), keyPrefix }));
    const letPass = async (key: string, seconds: number) => {
      const admin = new Redis(component!.url);
      const leftMs = await admin.pttl(keyPrefix + key);
      expect(leftMs).toBeLessThanOrEqual(seconds * 1_000);
      expect(leftMs).toBeGreaterThan(seconds * 1_000 - 5_000);
      await admin.pexpire(keyPrefix + key, 0);
      admin.disconnect();
    };
    return { store, letPass };
  });
});

describe.skipIf(component === null)('the ephemeral store on Redis alone', () => {
  it('what API and worker write to Redis is sealed there', async () => {
    const environment = { MOORING_MODE: 'dev', MOORING_KEYS: KeyRing.generate(), REDIS_URL: component!.url };
    const config = loadConfig('api', { ...environment, MOORING_STATE_DIR: temporaryFolder() });
    const logger = createLogger('test', 'silent');
    const stores = composeStores(config, createEgress(config.egress), createRegistry(), logger);
    onTestFinished(async () => await stores.close());
    const key = randomUUID();
    await stores.ephemeral.put(key, { externalId: 'canary' }, 60);
    expect(await stores.ephemeral.get(key)).toEqual({ externalId: 'canary' });
    const admin = new Redis(component!.url, { keyPrefix: 'mooring:' });
    onTestFinished(() => admin.disconnect());
    expect(await admin.get(key)).toMatch(/^"k1\.[\w-]+"$/);
  });

  it('what another program wrote counts as absent, whatever it is', async () => {
    const store = sealed(openStore(component!.url, 'foreign:'));
    const admin = new Redis(component!.url, { keyPrefix: 'foreign:' });
    onTestFinished(() => admin.disconnect());
    const [key, map, stream] = [randomUUID(), randomUUID(), randomUUID()];
    for (const foreign of ['{not json', '{"accountId":"666666666666"}', '"k1.AAAA"', 'null', '']) {
      await admin.set(key, foreign);
      expect([foreign, await store.get(key)]).toEqual([foreign, undefined]);
      await admin.hset(map, 'field', foreign);
      expect([foreign, await store.getFields(map)]).toEqual([foreign, {}]);
      await admin.xadd(stream, '*', 'value', foreign);
    }
    const values = (await store.readStream(stream, null, 10)).map(({ value }) => value);
    expect(values).toEqual([null, null, null, null, null]);
  });

  it('two installations can share a Redis', async () => {
    const key = randomUUID();
    await openStore(component!.url, 'one:').put(key, 1, 60);
    expect(await openStore(component!.url, 'two:').get(key)).toBeUndefined();
    expect(await openStore(component!.url, 'one:').get(key)).toBe(1);
  });

  it('the error of Redis is passed on without the value when a key holds another type', async () => {
    const [store, key] = [openStore(component!.url), randomUUID()];
    await store.put(key, 'canary', 60);
    expect(await unavailability(() => store.increment(key, 60))).toContain('not an integer');
    expect(await unavailability(() => store.append(key, 'canary', { keep: 1, ttlSeconds: 60 }))).toContain('WRONGTYPE');
    expect(await unavailability(() => store.readStream(key, null, 1))).toContain('WRONGTYPE');
  });

  /** A Redis for one test, which may stop, freeze and restart it. */
  const startOwn = async (port: number, ...extra: string[]) => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...extra];
    const ready = async () => await answers(port);
    const server = await launch({ name: 'Redis', path: component!.path, args, ready });
    onTestFinished(server.stop);
    return server;
  };

  it('a wrong Redis password is reported without the password itself', async () => {
    const port = await anyFreePort();
    await startOwn(port, '--requirepass', 'right');
    const store = openStore(`redis://:canary@127.0.0.1:${port}`);
    expect(await unavailability(() => store.ping())).toContain('WRONGPASS');
    await expect(openStore(`redis://:right@127.0.0.1:${port}`).ping()).resolves.toBeUndefined();
  });

  it('the ephemeral store reconnects after Redis was killed, and does not run calls that timed out', async () => {
    const port = await anyFreePort();
    const folder = temporaryFolder();
    const first = await startOwn(port, '--dir', folder);
    const store = openStore(`redis://127.0.0.1:${port}`);
    await store.put('state', 'still there', 60);
    const admin = new Redis(port);
    await admin.save();
    admin.disconnect();
    process.kill(first.pid, 'SIGSTOP');
    await unavailability(() => store.take('state'));
    process.kill(first.pid, 'SIGKILL');
    await first.stop();
    await unavailability(() => store.take('state'));

    await startOwn(port, '--dir', folder);
    await expect.poll(async () => await answer(store.ping()), { timeout: 10_000 }).toBe('answered');
    expect(await store.get('state')).toBe('still there');
  });

  it('the ephemeral store times out on a frozen Redis and continues once Redis runs again', async () => {
    const port = await anyFreePort();
    const { pid } = await startOwn(port);
    const store = openStore(`redis://127.0.0.1:${port}`);
    await store.put('a', 1, 60);
    process.kill(pid, 'SIGSTOP');
    onTestFinished(() => void process.kill(pid, 'SIGCONT'));
    await unavailability(() => store.get('a'));
    await unavailability(() => store.increment('n', 60));
    process.kill(pid, 'SIGCONT');
    await expect.poll(async () => await answer(store.ping()), { timeout: 10_000 }).toBe('answered');
    expect(await store.get('a')).toBe(1);
  });
});

const answer = async (call: Promise<void>): Promise<string> =>
  await call.then(
    () => 'answered',
    () => 'failed',
  );
