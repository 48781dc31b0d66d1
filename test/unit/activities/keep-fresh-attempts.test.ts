import { beforeEach, describe, expect, test } from 'vitest';
import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { asked, attempt } from './upkeep-loop.ts';
import { bornAt, connection, createUpkeepWorld, DUE_MS, stopAttemptClock, type UpkeepWorld } from './upkeep-world.ts';

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const MINUTE_MS = 60_000;

let world: UpkeepWorld;
beforeEach(async () => void (world = await createUpkeepWorld()));

describe('an attempt', () => {
  test('an attempt with an unknown input version asks for a retry in a minute, and changes nothing', async () => {
    world.pass(DUE_MS);
    const failure = await asked(world, { v: 2 as 1 });
    expect(failure).toMatchObject({ nextRetryDelay: MINUTE_MS, details: [{ v: 1 }] });
    expect(world.cloud.calls.refresh).toBe(0);
    expect(world.secrets.written).toEqual([]);
  });

  test('an attempt with an unknown method asks for a retry in a minute with the reason', async () => {
    world.pass(DUE_MS);
    const failure = await asked(world, { connection: { ...connection, method: 'of a newer build' } });
    expect(failure).toMatchObject({
      nextRetryDelay: MINUTE_MS,
      details: [{ v: 1, problem: { code: 'internal_error' } }],
    });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('an attempt that meets a bug asks for a retry in a minute, reports no detail, and spends no token twice', async () => {
    world.pass(DUE_MS);
    const refresh = world.cloud.method.refresh.bind(world.cloud.method);
    Object.assign(world.cloud.method, { refresh: () => Promise.reject(new TypeError('canary of a bug')) });
    const failure = await asked(world);
    expect(failure.nextRetryDelay).toBe(MINUTE_MS);
    expect(JSON.stringify([failure.message, failure.details])).not.toContain('canary');
    Object.assign(world.cloud.method, { refresh });
    world.pass(MINUTE_MS);
    expect(await attempt(world, {}, 2)).toMatchObject({ outcome: 'fresh', facts: { generation: 2 }, replayed: true });
    expect(world.cloud.calls.spentTwice).toBe(0);
  });

  test('an attempt before its start time asks for a retry at that time', async () => {
    world.pass(DUE_MS);
    const notBefore = iso(bornAt + DUE_MS + 30_000);
    expect(await asked(world, { notBefore, degradedSince: iso(bornAt + DUE_MS) })).toMatchObject({
      nextRetryDelay: 30_000,
      message: `Next try at ${notBefore}.`,
    });
    expect(world.cloud.calls.refresh).toBe(0);
    world.pass(30_000);
    expect(await attempt(world, { notBefore, degradedSince: iso(bornAt + DUE_MS) }, 2)).toMatchObject({
      outcome: 'fresh',
      facts: { generation: 2 },
    });
  });

  test('an attempt that an operator starts runs before its start time', async () => {
    world.pass(DUE_MS);
    const notBefore = iso(bornAt + DUE_MS + 30_000);
    const degraded = { notBefore, degradedSince: iso(bornAt + DUE_MS) };
    const askedFor = { scheduledTimestampMs: 0, currentAttemptScheduledTimestampMs: 40 };
    expect(await attempt(world, degraded, 1, askedFor)).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
  });

  test('an attempt beside another one asks for a retry once the other must have ended', async () => {
    world.pass(DUE_MS);
    await world.change({ spending: world.marker(1_000) });
    const failure = await asked(world);
    expect(failure.nextRetryDelay).toBe(5_000);
    expect(failure.details).toEqual([expect.not.objectContaining({ problem: expect.anything() as unknown })]);
  });

  test('an attempt without the secret store asks for a retry in 15 to 30 s, however often, and calls no cloud', async () => {
    world.pass(DUE_MS);
    world.secrets.down = true;
    const delays = [];
    for (const count of [1, 2, 3, 40]) {
      const failure = await asked(world, {}, count);
      expect(failure.details).toEqual([
        { v: 1, problem: expect.objectContaining({ code: 'secret_store_unavailable' }) as unknown },
      ]);
      delays.push(failure.nextRetryDelay);
    }
    for (const delay of delays) expect(delay).toSatisfy((ms: number) => ms >= 15_000 && ms <= 30_000);
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('an attempt that the cloud rate-limits returns to the workflow as unavailable', async () => {
    world.pass(DUE_MS);
    world.cloud.script('rate_limited');
    expect(await attempt(world)).toEqual({
      v: 1,
      outcome: 'unavailable',
      problem: expect.objectContaining({ code: 'cloud_rate_limited' }) as unknown,
      retryAfterSeconds: 30,
    });
  });

  test('an attempt whose failure opens the provider gate asks for a retry, and does not return to the workflow', async () => {
    world.pass(DUE_MS);
    // The cloud refuses Mooring's own application, which is not a problem of this one connection.
    world.cloud.script('misconfigured');
    const failure = await asked(world);
    expect(failure.details).toEqual([
      expect.objectContaining({
        generation: 1,
        problem: expect.objectContaining({ code: 'invalid_client' }) as unknown,
      }),
    ]);
    expect(Number(failure.nextRetryDelay)).toBeGreaterThanOrEqual(15_000);
    expect(world.attempts).toEqual([['ovh', 'unavailable', null]]);
  });

  test('an attempt on a paused provider asks for a retry with the operator’s reason, and calls no cloud', async () => {
    world.pass(DUE_MS);
    await world.pauses.pause('ovh', 'Maintenance until noon');
    const failure = await asked(world);
    expect(failure.message).toContain('Maintenance until noon');
    expect(failure.details).toEqual([
      expect.objectContaining({ problem: expect.objectContaining({ code: 'provider_paused' }) as unknown }),
    ]);
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('an attempt that cannot hand out its stored reply asks for a retry in seconds, which hands it out', async () => {
    world.pass(DUE_MS);
    const clock = stopAttemptClock();
    world.cloud.script('hold');
    const running = asked(world);
    const release = await world.cloud.held();
    clock.pass(9_000);
    release();
    expect(await running).toMatchObject({ nextRetryDelay: 10_000, details: [{ generation: 2 }] });
    await asked(world, {}, 2);
    expect(await world.access()).toMatchObject({ access_token: 'access-token-2' });
  });

  test('an attempt that the cloud refuses returns to the workflow as refused', async () => {
    world.pass(DUE_MS);
    world.cloud.withdraw();
    expect(await attempt(world)).toMatchObject({ v: 1, outcome: 'refused', problem: { code: 'invalid_grant' } });
  });

  test('an attempt whose record was deleted returns to the workflow as refused', async () => {
    await world.secrets.destroy('live', liveKeys.renewal(connection.id));
    expect(await attempt(world)).toMatchObject({ v: 1, outcome: 'refused', problem: { code: 'credential_missing' } });
  });

  test('an attempt with a doubted refusal asks for a retry twice, and the third refusal is returned', async () => {
    world = await createUpkeepWorld({ rotates: false });
    world.pass(DUE_MS);
    world.cloud.script('refused', 'refused', 'refused');
    for (const count of [1, 2]) {
      const failure = await asked(world, {}, count);
      expect(failure.message).toMatch(/^Refused, and asked again: /);
      world.pass(Number(failure.nextRetryDelay));
    }
    expect(await attempt(world, {}, 3)).toMatchObject({ outcome: 'refused', problem: { code: 'access_refused' } });
    expect(world.deps.clock.now() - bornAt - DUE_MS).toBeGreaterThanOrEqual(3 * MINUTE_MS);
  });

  test('an attempt with a reply that could not be stored returns it sealed', async () => {
    world.pass(DUE_MS);
    const clock = stopAttemptClock();
    world.cloud.script('hold');
    const running = attempt(world);
    const release = await world.cloud.held();
    clock.pass(9_000);
    world.secrets.down = true;
    release();
    const outcome = await running;
    expect(outcome).toMatchObject({ v: 1, outcome: 'sealed', facts: { generation: 2 }, sealed: { generation: 2 } });
    expect(JSON.stringify(outcome)).not.toContain('token-2');
  });

  test('an attempt returns when a warning appears or disappears, and not when it is known already', async () => {
    const warning = { code: 'client_secret_expires', message: 'Soon.', remedy: 'Make another.' };
    world.cloud.terms = { ...world.cloud.terms, warnings: [warning] };
    world.pass(DUE_MS);
    expect(await attempt(world)).toMatchObject({ outcome: 'fresh', warnings: [warning] });
    world.pass(DUE_MS);
    await asked(world, { knownWarnings: [warning.code] });
    world.cloud.terms = { ...world.cloud.terms, warnings: [] };
    world.pass(DUE_MS);
    expect(await attempt(world, { knownWarnings: [warning.code] })).toMatchObject({ outcome: 'fresh', warnings: [] });
  });
});
