import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createSandboxClient } from '../../sandbox/client.ts';
import { clouds } from '../../sandbox/clouds/index.ts';
import { createCustomer } from '../support/customer.ts';
import { eventually } from '../support/eventually.ts';
import { encodingsOf, findLeaks, type KnownSecret, type Leak } from './canary/find-leaks.ts';
import { liveThroughEverything } from './canary/life.ts';
import { recordHttp } from './canary/record-http.ts';
import { temporalTraces } from './canary/temporal-traces.ts';
import { watchProcesses } from './canary/watch-processes.ts';
import { realComponents, startRealWorld } from './support/real-world.ts';
import { redisTraces } from './support/redis-traces.ts';
import { startStandInWorld, type StandInWorld } from './support/stand-in-world.ts';
import type { Trace, World } from './support/world.ts';

const LIFE_WITHIN_MS = 180_000;
const REDIS_DATABASE = 8;

interface Evidence {
  readonly secrets: readonly KnownSecret[];
  /** As it is stored, logged and sent. */
  readonly plain: readonly Trace[];
  /** Temporal's traces again, with every payload decoded. */
  readonly opened: readonly Trace[];
  /** The ephemeral store's part of what is stored. */
  readonly ephemeral: readonly Trace[];
  /** No secrets, but nothing that the ephemeral store needs in clear: what customers are asked to trust, and accounts. */
  readonly confidential: readonly KnownSecret[];
}

/** What the connections were asked to trust, and whose they are, as Temporal's decoded traces have it. */
function confidentialIn(opened: readonly Trace[]): KnownSecret[] {
  const text = opened.map(({ bytes }) => bytes.toString('utf8')).join('\n');
  const found = (kind: string, pattern: RegExp) =>
    [...new Set([...text.matchAll(pattern)].map(([, value = '']) => value))].map((value) => ({ kind, value }));
  return [
    ...found('externalId', /"externalId":"([\w-]{32})"/g),
    ...found('accountId', /"accountId":"(\d{12})"/g),
    ...found('roleArn', /(arn:aws:iam::\d{12}:role\/[\w-]+)/g),
  ];
}

/** All traces that can be read in a world at this moment. */
async function collect(world: World, more: readonly Trace[]): Promise<Evidence> {
  const cloud = createSandboxClient(world.running.sandbox);
  const issued = await Promise.all(clouds.map(async ({ id: each }) => Object.entries(await cloud.issued(each))));
  const secrets = issued.flat().flatMap(([kind, values]) => values.map((value) => ({ kind, value })));
  const addresses = (await cloud.addresses()).map((address) => ({
    place: 'address that a cloud was asked for',
    bytes: Buffer.from(address),
  }));
  const { stored, opened } = await temporalTraces(world);
  const ephemeral = await world.ephemeral();
  const plain = [...stored, ...addresses, ...(await world.logs()), ...ephemeral, ...more];
  return { secrets, plain, opened, ephemeral, confidential: confidentialIn(opened) };
}

/** Takes connections of a world through every flow, while its HTTP traffic and processes are recorded. */
async function listenToALife(world: World): Promise<Evidence> {
  const http = recordHttp(() => world.running.api);
  const processes = watchProcesses(() => world.pids());
  try {
    const ids = await liveThroughEverything(world, createCustomer(world.running));
    await eventually('all of it to be listed', async () => {
      const { workflows } = await temporalTraces(world);
      return ids.every((id) => workflows.has(id));
    });
    return await collect(world, [...http.traces, ...processes.traces()]);
  } finally {
    http.stop();
    processes.stop();
  }
}

const kindsOf = (leaks: readonly { readonly kind: string }[]): Set<string> => new Set(leaks.map(({ kind }) => kind));

function expectLifeWasFull({ secrets, plain, opened }: Evidence): void {
  const signIns = ['accessToken', 'refreshToken', 'code', 'verifier', 'clientSecret'];
  const submitted = ['sessionToken', 'secretAccessKey', 'applicationSecret', 'consumerKey', 'privateKey'];
  const kinds = [...signIns, ...submitted, 'inventorySecret', 'rescuePassword'];
  expect([...kindsOf(secrets)]).toEqual(expect.arrayContaining(kinds));
  const text = opened.map(({ bytes }) => bytes.toString('latin1')).join('\n');
  for (const happened of [
    '"outcome":"sealed"',
    '"outcome":"unavailable"',
    '"outcome":"refused"',
    '"outcome":"ambiguous"',
  ]) {
    expect(text).toContain(happened);
  }
  expect(plain.length).toBeGreaterThan(200);
}

/** Where the ephemeral store shows what customers are asked to trust, or whose accounts there are. */
function confidentialLeaks({ ephemeral, confidential, opened }: Evidence): Leak[] {
  expect([...kindsOf(confidential)]).toEqual(expect.arrayContaining(['externalId', 'accountId', 'roleArn']));
  // Published as the reason of a refusal, so that it passes through the store.
  expect(opened.map(({ bytes }) => bytes.toString('utf8')).join('\n')).toContain('insecure_trust_policy');
  return findLeaks(ephemeral, confidential);
}

describe.skipIf(inject('components').temporal === null)('after connections have been through every flow', () => {
  describe('on the stand-ins', () => {
    let world: StandInWorld;
    let evidence: Evidence;
    beforeAll(async () => {
      world = await startStandInWorld();
      evidence = await listenToALife(world);
    }, LIFE_WITHIN_MS);
    afterAll(async () => await world.stop(), LIFE_WITHIN_MS);

    test('no secret is found in histories, logs, the ephemeral store, arguments, addresses or responses', () => {
      expectLifeWasFull(evidence);
      expect(findLeaks(evidence.plain, evidence.secrets)).toEqual([]);
    });

    test('no external ID, account or role is found in the ephemeral store', () => {
      expect(confidentialLeaks(evidence)).toEqual([]);
    });

    test('decoded histories contain no secret except the authorization codes', () => {
      expect(findLeaks(evidence.opened, evidence.secrets)).toEqual([]);
      // Proof that payloads were decoded at all.
      const all = evidence.opened.map(({ place, bytes }) => ({ place, bytes }));
      expect(kindsOf(findLeaks(all, evidence.secrets))).toEqual(new Set(['code']));
    });

    test('a secret that is planted in every kind of trace is found there', async () => {
      const planted = randomBytes(24).toString('base64url');
      const { temporal, running, stateDirectory } = world;
      const http = recordHttp(() => running.api);
      const processes = watchProcesses(() => [process.pid]);
      const leaky = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', planted], { env: { LEAK: planted } });
      const connection = await Connection.connect({ address: temporal.address });
      try {
        await new Client({ connection }).workflow.start('planted', {
          workflowId: 'planted',
          taskQueue: 'nobody',
          args: [planted],
          memo: { planted },
          typedSearchAttributes: [{ key: defineSearchAttributeKey('MooringReason', 'KEYWORD'), value: planted }],
        });
        await appendFile(join(stateDirectory, 'logs/api.log'), `{"msg":"${planted}"}\n`);
        const database = new DatabaseSync(join(stateDirectory, 'ephemeral.db'));
        database.prepare('INSERT INTO entries VALUES (?, ?, ?)').run('planted', planted, Date.now() + 60_000);
        database.close();
        await fetch(`${running.api}/${planted}`);
        await fetch(`${running.sandbox}/ovh-eu/1.0/me?access_token=${planted}`);
        await createCustomer(running).platform.invite({ name: planted });

        const secrets = [{ kind: 'accessToken', value: planted }];
        const places = await eventually('the planted secret to be found everywhere', async () => {
          const found = await collect(world, [...http.traces, ...processes.traces()]);
          const leaks = [...findLeaks(found.plain, secrets), ...findLeaks(found.opened, secrets)];
          const wanted = [
            /^history of planted/,
            /^description of planted/,
            /^history of con_/,
            /^api\.log/,
            /^ephemeral\.db/,
            /^address that a cloud was asked for/,
            /^address of GET/,
            /^answer of POST/,
            /^arguments of/,
          ];
          const missing = wanted.filter((place) => !leaks.some((leak: Leak) => place.test(leak.place)));
          if (missing.length > 0) throw new Error(`Not found: ${missing.join(', ')}`);
          return leaks;
        });
        expect(places.length).toBeGreaterThan(9);
      } finally {
        leaky.kill('SIGKILL');
        processes.stop();
        http.stop();
        await connection.close();
      }
    });
  });

  describe('with payloads left readable', () => {
    test(
      'histories with unencrypted payloads show the authorization code and no other secret',
      async () => {
        const world = await startStandInWorld({ MOORING_PAYLOAD_ENCRYPTION: 'off' });
        try {
          const evidence = await listenToALife(world);
          expectLifeWasFull(evidence);
          const clear = findLeaks(evidence.plain, evidence.secrets);
          expect(kindsOf(clear)).toEqual(new Set(['code']));
          for (const { place } of clear) expect(place).toMatch(/_WORKFLOW_EXECUTION_SIGNALED|_ACTIVITY_TASK_SCHEDULED/);
        } finally {
          await world.stop();
        }
      },
      LIFE_WITHIN_MS,
    );
  });

  const components = realComponents(inject('components'));
  describe.skipIf(components === null)('on real stores', () => {
    test(
      'no secret is found on real stores and no external ID in Redis, and a planted secret is found in every type of Redis',
      async () => {
        if (!components) throw new Error('This suite is skipped without its components.');
        const world = await startRealWorld(components, { redisDatabase: REDIS_DATABASE });
        try {
          const evidence = await listenToALife(world);
          expectLifeWasFull(evidence);
          expect(findLeaks([...evidence.plain, ...evidence.opened], evidence.secrets)).toEqual([]);
          expect(confidentialLeaks(evidence)).toEqual([]);
          expect(evidence.ephemeral.length).toBeGreaterThan(20);
          expect((await world.logs()).every(({ bytes }) => bytes.length > 1000)).toBe(true);
          await findsPlantedInRedis(world.environmentOf('api')['REDIS_URL'] ?? '');
        } finally {
          await world.stop();
        }
      },
      LIFE_WITHIN_MS,
    );
  });

  test.each(['clear', 'url', 'hex', 'base64', 'base64url'])(
    'a secret in the encoding %s is found at any offset',
    (wanted) => {
      const value = `ovh-rt-${randomBytes(32).toString('base64url')}/+`;
      const encode: Record<string, (text: string) => string> = {
        clear: (text) => text,
        url: encodeURIComponent,
        hex: (text) => Buffer.from(text).toString('hex'),
        base64: (text) => Buffer.from(text).toString('base64'),
        base64url: (text) => Buffer.from(text).toString('base64url'),
      };
      for (const before of ['', 'a', 'ab', 'abc']) {
        const bytes = Buffer.from(encode[wanted]?.(`${before}${value}, and more`) ?? '');
        const leaks = findLeaks([{ place: 'here', bytes }], [{ kind: 'refreshToken', value }]);
        expect(
          leaks.map(({ encoding }) => encoding),
          before,
        ).toContain(wanted);
      }
      expect(encodingsOf(value).every(({ text }) => text.length > 40)).toBe(true);
    },
  );
});

async function findsPlantedInRedis(url: string): Promise<void> {
  const planted = randomBytes(24).toString('base64url');
  const redis = new Redis(url);
  try {
    await redis.set('planted:string', planted);
    await redis.hset('planted:hash', 'field', planted);
    await redis.rpush('planted:list', planted);
    await redis.sadd('planted:set', planted);
    await redis.zadd('planted:sorted-set', 1, planted);
    await redis.xadd('planted:stream', '*', 'field', planted);
    const leaks = findLeaks(await redisTraces(url), [{ kind: 'accessToken', value: planted }]);
    const types = ['hash', 'list', 'set', 'sorted-set', 'stream', 'string'];
    expect([...new Set(leaks.map(({ place }) => place))].toSorted()).toEqual(types.map((type) => `planted:${type}`));
  } finally {
    redis.disconnect();
  }
}
