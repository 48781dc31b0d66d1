import { ApplicationFailure } from '@temporalio/common';
import { beforeEach, describe, expect, test } from 'vitest';
import type { StartDiscoveryIfDue } from '../../../activities/dependencies.ts';
import { createKeepFresh } from '../../../activities/keep-fresh.ts';
import { createRefreshProtocol } from '../../../activities/refresh/protocol.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { failureTypes, type KeepFreshInput, type News } from '../../../workflows/contracts/activities.ts';
import {
  bornAt,
  connection,
  createUpkeepWorld,
  DAY_MS,
  DUE_MS,
  inActivity,
  keepFreshInput,
  stopAttemptClock,
  type UpkeepWorld,
} from './upkeep-world.ts';

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const MINUTE_MS = 60_000;

let world: UpkeepWorld;
let startDiscovery: StartDiscoveryIfDue;
beforeEach(async () => {
  world = await createUpkeepWorld();
  startDiscovery = () => Promise.resolve({ nextAt: null });
});

/** One attempt, as Temporal would make it. */
async function attempt(more: Partial<KeepFreshInput> = {}, count = 1) {
  const deps = { ...world.deps, startDiscoveryIfDue: ((...args) => startDiscovery(...args)) as StartDiscoveryIfDue };
  const activity = createKeepFresh(deps, createRefreshProtocol(deps));
  return await inActivity(activity, keepFreshInput(more), { attempt: count });
}

/** The failure by which an attempt asks for the next one. */
async function asked(more: Partial<KeepFreshInput> = {}, count = 1): Promise<ApplicationFailure> {
  const ending: unknown = await attempt(more, count).catch((error: unknown) => error);
  if (!(ending instanceof ApplicationFailure)) throw new Error(`It ended otherwise: ${JSON.stringify(ending)}.`);
  expect(ending).toMatchObject({ type: failureTypes.askAgain, nonRetryable: false, stack: '' });
  const told = JSON.stringify([ending.message, ending.details]);
  expect(world.cloud.tokens.filter((token) => told.includes(token))).toEqual([]);
  return ending;
}

describe('a day of upkeep', () => {
  test('renews when due, asks again each time, and returns once the day is over', async () => {
    const returnAtMs = bornAt + DAY_MS;
    let count = 0;
    let outcome: unknown;
    while (outcome === undefined && count < 100) {
      const ending: unknown = await attempt({}, ++count).catch((error: unknown) => error);
      if (ending instanceof ApplicationFailure) world.pass(Number(ending.nextRetryDelay));
      else outcome = ending;
    }
    expect(outcome).toMatchObject({ v: 1, outcome: 'fresh', facts: { generation: 31 } });
    expect(world.cloud.calls).toMatchObject({ refresh: 30, spentTwice: 0 });
    expect(world.deps.clock.now()).toBeGreaterThanOrEqual(returnAtMs);
    expect(world.deps.clock.now()).toBeLessThanOrEqual(returnAtMs + 60 * MINUTE_MS);
  });

  test('begins with a look at the record: nothing is due, nothing is spent, and the next try is when it is', async () => {
    const failure = await asked();
    expect(failure.nextRetryDelay).toBe(DUE_MS);
    expect(failure.message).toBe(`Fresh until ${iso(bornAt + 60 * MINUTE_MS)}; next renewal at ${iso(bornAt + DUE_MS)}.`);
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

  test('reports the new facts after a renewal, and publishes them for lists', async () => {
    world.pass(DUE_MS);
    const failure = await asked({}, 2);
    const expected = { v: 1, generation: 2, issuedAt: iso(bornAt + DUE_MS), nextRefreshAt: iso(bornAt + 2 * DUE_MS) };
    expect(failure.details).toEqual([expect.objectContaining(expected)]);
    expect(failure.nextRetryDelay).toBe(DUE_MS);
    expect(await world.ephemeral.get(ephemeralKeys.facts(connection.id))).toMatchObject(expected);
  });

  test('goes on although the ephemeral store does not answer', async () => {
    world.pass(DUE_MS);
    world.ephemeral.down = true;
    expect((await asked({ news: news() })).details).toEqual([expect.objectContaining({ generation: 2 })]);
  });

  test('tells the metrics how each attempt ended, and how late a renewal began', async () => {
    await asked();
    world.pass(DUE_MS + 4_000);
    await asked();
    expect(world.attempts).toEqual([
      ['ovh', 'fresh', null],
      ['ovh', 'refreshed', 4],
    ]);
  });
});

const news = (): News => ({
  status: 'active',
  problem: null,
  warnings: [],
  entries: [{ at: iso(bornAt), event: 'connected', text: 'Connected.' }],
});

describe('what it was given to publish', () => {
  const published = async () => await world.ephemeral.readStream(ephemeralKeys.events('acme'), null, 10);

  test('is published once, with the condition for readers: by the first attempt alone', async () => {
    for (const count of [1, 2, 3]) await asked({ news: news() }, count);
    expect((await published()).map(({ value }) => value)).toEqual([
      { connection: connection.id, provider: 'ovh', status: 'active', ...news().entries[0] },
    ]);
    expect(await world.ephemeral.get(ephemeralKeys.condition(connection.id))).toEqual({
      status: 'active',
      problem: null,
      warnings: [],
    });
  });

  test('is published before anything is waited for', async () => {
    await asked({ news: news(), notBefore: iso(bornAt + MINUTE_MS) });
    expect(await published()).toHaveLength(1);
  });
});

describe('an attempt', () => {
  test('that this worker does not understand asks again in a minute, and touches nothing', async () => {
    world.pass(DUE_MS);
    const failure = await asked({ v: 2 as 1, news: news() });
    expect(failure).toMatchObject({ nextRetryDelay: MINUTE_MS, details: [{ v: 1 }] });
    expect(world.cloud.calls.refresh).toBe(0);
    expect(await world.ephemeral.readStream(ephemeralKeys.events('acme'), null, 10)).toEqual([]);
  });

  test('that comes before its time waits for the rest of it', async () => {
    world.pass(DUE_MS);
    const notBefore = iso(bornAt + DUE_MS + 30_000);
    expect(await asked({ notBefore, degraded: true })).toMatchObject({
      nextRetryDelay: 30_000,
      message: `Next try at ${notBefore}.`,
    });
    expect(world.cloud.calls.refresh).toBe(0);
    world.pass(30_000);
    expect(await attempt({ notBefore, degraded: true }, 2)).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
  });

  test('beside another one asks again when that has surely ended', async () => {
    world.pass(DUE_MS);
    await world.change({ spending: world.marker(1_000) });
    const failure = await asked();
    expect(failure.nextRetryDelay).toBe(5_000);
    expect(failure.details).toEqual([expect.not.objectContaining({ problem: expect.anything() as unknown })]);
  });

  test('that finds the secret store away asks again with backoff, and degrades nothing', async () => {
    world.pass(DUE_MS);
    world.secrets.down = true;
    const delays = [];
    for (const count of [1, 2, 3, 40]) {
      const failure = await asked({}, count);
      expect(failure.details).toEqual([{ v: 1, problem: expect.objectContaining({ code: 'secret_store_unavailable' }) as unknown }]);
      delays.push(failure.nextRetryDelay);
    }
    expect(delays).toEqual([10_000, 20_000, 40_000, 300_000]);
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('that the cloud does not answer is told to the workflow', async () => {
    world.pass(DUE_MS);
    world.cloud.script('rate_limited');
    expect(await attempt()).toEqual({
      v: 1,
      outcome: 'unavailable',
      problem: expect.objectContaining({ code: 'cloud_rate_limited' }) as unknown,
      retryAfterSeconds: 30,
    });
  });

  test('that the cloud does not answer is held instead where it has closed the provider for all', async () => {
    world.pass(DUE_MS);
    // The application itself is refused, which is no single connection's trouble.
    world.cloud.script('misconfigured');
    const failure = await asked();
    expect(failure.details).toEqual([
      expect.objectContaining({ generation: 1, problem: expect.objectContaining({ code: 'invalid_client' }) as unknown }),
    ]);
    expect(Number(failure.nextRetryDelay)).toBeGreaterThanOrEqual(15_000);
    expect(world.attempts).toEqual([['ovh', 'unavailable', null]]);
  });

  test('while the provider is paused asks again with the operator’s reason, and does not disturb its cloud', async () => {
    world.pass(DUE_MS);
    await world.pauses.pause('ovh', 'Maintenance until noon');
    const failure = await asked();
    expect(failure.message).toContain('Maintenance until noon');
    expect(failure.details).toEqual([expect.objectContaining({ problem: expect.objectContaining({ code: 'provider_paused' }) as unknown })]);
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('that is refused is told', async () => {
    world.pass(DUE_MS);
    world.cloud.withdraw();
    expect(await attempt()).toMatchObject({ v: 1, outcome: 'refused', problem: { code: 'invalid_grant' } });
  });

  test('of a connection whose record is gone or unreadable is told', async () => {
    await world.secrets.destroy('live', liveKeys.renewal(connection.id));
    expect(await attempt()).toMatchObject({ v: 1, outcome: 'refused', problem: { code: 'credential_missing' } });
  });

  test('whose refusal is doubted asks again, and says so; the third time it is told', async () => {
    world = await createUpkeepWorld({ rotates: false });
    world.pass(DUE_MS);
    world.cloud.script('refused', 'refused', 'refused');
    for (const count of [1, 2]) {
      const failure = await asked({}, count);
      expect(failure.message).toMatch(/^Refused, and asked again: /);
      world.pass(Number(failure.nextRetryDelay));
    }
    expect(await attempt({}, 3)).toMatchObject({ outcome: 'refused', problem: { code: 'access_refused' } });
    expect(world.deps.clock.now() - bornAt - DUE_MS).toBeGreaterThanOrEqual(3 * MINUTE_MS);
  });

  test('with a reply that could not be stored brings it back sealed', async () => {
    world.pass(DUE_MS);
    const clock = stopAttemptClock();
    world.cloud.script('hold');
    const running = attempt();
    const release = await world.cloud.held();
    clock.pass(9_000);
    world.secrets.down = true;
    release();
    const outcome = await running;
    expect(outcome).toMatchObject({ v: 1, outcome: 'sealed', facts: { generation: 2 }, sealed: { generation: 2 } });
    expect(JSON.stringify(outcome)).not.toContain('token-2');
  });

  test('whose renewal gives cause for a warning tells it, once', async () => {
    const warning = { code: 'client_secret_expires', message: 'Soon.', remedy: 'Make another.' };
    world.cloud.terms = { ...world.cloud.terms, warnings: [warning] };
    world.pass(DUE_MS);
    expect(await attempt()).toMatchObject({ outcome: 'fresh', warnings: [warning] });
    world.pass(DUE_MS);
    await asked({ knownWarnings: [warning.code] });
    world.cloud.terms = { ...world.cloud.terms, warnings: [] };
    world.pass(DUE_MS);
    expect(await attempt({ knownWarnings: [warning.code] })).toMatchObject({ outcome: 'fresh', warnings: [] });
  });
});

describe('discovery', () => {
  const discovery = { epoch: 1, intervalSeconds: 3_600, concurrency: 5 };
  const started: unknown[] = [];
  beforeEach(() => {
    started.length = 0;
    startDiscovery = (ref, plan) => {
      started.push([ref.id, plan]);
      return Promise.resolve({ nextAt: iso(bornAt + 20 * MINUTE_MS) });
    };
  });

  test('is started where it is due, and looked at again when the next one is', async () => {
    expect(await asked({ discovery })).toMatchObject({ nextRetryDelay: 20 * MINUTE_MS });
    expect(started).toEqual([[connection.id, discovery]]);
  });

  test('is not looked at where nothing is discovered', async () => {
    await asked();
    expect(started).toEqual([]);
  });

  test.each([
    ['the cloud does not answer', () => world.cloud.script('unreachable'), false],
    ['the access was withdrawn', () => world.cloud.withdraw(), false],
    ['the connection is degraded', () => undefined, true],
  ] as const)('is not started where %s', async (_what, happens, degraded) => {
    world.pass(DUE_MS);
    happens();
    await attempt({ discovery, degraded });
    expect(started).toEqual([]);
  });
});
