import { ApplicationFailure } from '@temporalio/common';
import { beforeEach, describe, expect, test } from 'vitest';
import type { StartDiscoveryIfDue } from '../../../activities/dependencies.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import type { News } from '../../../contracts/activities.ts';
import { asked, attempt } from './upkeep-loop.ts';
import { bornAt, connection, createUpkeepWorld, DAY_MS, DUE_MS, type UpkeepWorld } from './upkeep-world.ts';

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const MINUTE_MS = 60_000;

let world: UpkeepWorld;
beforeEach(async () => void (world = await createUpkeepWorld()));

const news = (): News => ({
  status: 'active',
  problem: null,
  warnings: [],
  entries: [{ at: iso(bornAt), event: 'connected', text: 'Connected.' }],
});

describe('a day of upkeep', () => {
  test('a day of upkeep renews when due, asks for a retry each time, and returns once the day is over', async () => {
    const returnAtMs = bornAt + DAY_MS;
    let count = 0;
    let outcome: unknown;
    while (outcome === undefined && count < 100) {
      const ending: unknown = await attempt(world, {}, ++count).catch((error: unknown) => error);
      if (ending instanceof ApplicationFailure) world.pass(Number(ending.nextRetryDelay));
      else outcome = ending;
    }
    expect(outcome).toMatchObject({ v: 1, outcome: 'fresh', facts: { generation: 31 } });
    expect(world.cloud.calls).toMatchObject({ refresh: 30, spentTwice: 0 });
    expect(world.deps.clock.now()).toBeGreaterThanOrEqual(returnAtMs);
    expect(world.deps.clock.now()).toBeLessThanOrEqual(returnAtMs + 60 * MINUTE_MS);
  });

  test('an attempt before a renewal is due spends nothing, and asks for a retry when it is due', async () => {
    const failure = await asked(world);
    expect(failure.nextRetryDelay).toBe(DUE_MS);
    expect(failure.message).toBe(
      `Fresh until ${iso(bornAt + 60 * MINUTE_MS)}; next renewal at ${iso(bornAt + DUE_MS)}.`,
    );
    expect(failure.details).toEqual([
      {
        v: 1,
        generation: 1,
        issuedAt: iso(bornAt),
        expiresAt: iso(bornAt + 60 * MINUTE_MS),
        nextRefreshAt: iso(bornAt + DUE_MS),
      },
    ]);
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('a renewal reports its new facts, and publishes them for lists', async () => {
    world.pass(DUE_MS);
    const failure = await asked(world, {}, 2);
    const expected = { v: 1, generation: 2, issuedAt: iso(bornAt + DUE_MS), nextRefreshAt: iso(bornAt + 2 * DUE_MS) };
    expect(failure.details).toEqual([expect.objectContaining(expected)]);
    expect(failure.nextRetryDelay).toBe(DUE_MS);
    expect(await world.ephemeral.get(ephemeralKeys.facts(connection.id))).toMatchObject(expected);
  });

  test('a renewal succeeds although the ephemeral store does not answer', async () => {
    world.pass(DUE_MS);
    world.ephemeral.down = true;
    expect((await asked(world, { news: news() })).details).toEqual([expect.objectContaining({ generation: 2 })]);
  });

  test('the metrics record how each attempt ended, and how late a renewal began', async () => {
    await asked(world);
    world.pass(DUE_MS + 4_000);
    await asked(world);
    expect(world.attempts).toEqual([
      ['ovh', 'fresh', null],
      ['ovh', 'refreshed', 4],
    ]);
  });
});

describe('the news of a day of upkeep', () => {
  const published = async () => await world.ephemeral.readStream(ephemeralKeys.events('acme'), null, 10);

  test('news is published once, with the condition for readers, by the first attempt only', async () => {
    for (const count of [1, 2, 3]) await asked(world, { news: news() }, count);
    expect((await published()).map(({ value }) => value)).toEqual([
      { connection: connection.id, provider: 'ovh', status: 'active', ...news().entries[0] },
    ]);
    expect(await world.ephemeral.get(ephemeralKeys.condition(connection.id))).toEqual({
      status: 'active',
      problem: null,
      warnings: [],
    });
  });

  test('news is published before an attempt waits for its start time', async () => {
    await asked(world, { news: news(), notBefore: iso(bornAt + MINUTE_MS) });
    expect(await published()).toHaveLength(1);
  });
});
describe('discovery', () => {
  const discovery = { epoch: 1, intervalSeconds: 3_600, concurrency: 5 };
  const started: unknown[] = [];
  beforeEach(() => {
    started.length = 0;
    const startDiscoveryIfDue: StartDiscoveryIfDue = (ref, plan) => {
      started.push([ref.id, plan]);
      return Promise.resolve({ nextAt: iso(bornAt + 20 * MINUTE_MS) });
    };
    world = { ...world, deps: { ...world.deps, startDiscoveryIfDue } };
  });

  test('discovery is started where it is due, and upkeep is retried when the next one is due', async () => {
    expect(await asked(world, { discovery })).toMatchObject({ nextRetryDelay: 20 * MINUTE_MS });
    expect(started).toEqual([[connection.id, discovery]]);
  });

  test('discovery is not started where the connection has none', async () => {
    await asked(world);
    expect(started).toEqual([]);
  });

  test.each([
    ['the cloud does not answer', (): void => world.cloud.script('unreachable'), false],
    ['the access was withdrawn', (): void => world.cloud.withdraw(), false],
    ['the connection is degraded', (): void => undefined, true],
  ] as const)('discovery is not started where %s', async (_what, happens, isDegraded) => {
    world.pass(DUE_MS);
    happens();
    await attempt(world, { discovery, degradedSince: isDegraded ? iso(bornAt + DUE_MS) : null });
    expect(started).toEqual([]);
  });
});
