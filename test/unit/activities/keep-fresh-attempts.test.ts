import { beforeEach, describe, expect, test } from 'vitest';
import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { asked, attempt } from './upkeep-loop.ts';
import { bornAt, connection, createUpkeepWorld, DUE_MS, stopAttemptClock, type UpkeepWorld } from './upkeep-world.ts';

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const MINUTE_MS = 60_000;

let world: UpkeepWorld;
beforeEach(async () => void (world = await createUpkeepWorld()));

describe('an attempt', () => {
  test('that this worker does not understand asks again in a minute, and touches nothing', async () => {
    world.pass(DUE_MS);
    const failure = await asked(world, { v: 2 as 1 });
    expect(failure).toMatchObject({ nextRetryDelay: MINUTE_MS, details: [{ v: 1 }] });
    expect(world.cloud.calls.refresh).toBe(0);
    expect(world.secrets.written).toEqual([]);
  });

  test('that this worker has no code for asks again in a minute with the reason, whatever is due', async () => {
    world.pass(DUE_MS);
    const failure = await asked(world, { connection: { ...connection, method: 'of a newer build' } });
    expect(failure).toMatchObject({
      nextRetryDelay: MINUTE_MS,
      details: [{ v: 1, problem: { code: 'internal_error' } }],
    });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('that meets a bug asks again in a minute, tells nothing of it but to the log, and spends nothing twice', async () => {
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

  test('that comes before its time waits for the rest of it', async () => {
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

  test('that somebody asks for comes before its time', async () => {
    world.pass(DUE_MS);
    const notBefore = iso(bornAt + DUE_MS + 30_000);
    const degraded = { notBefore, degradedSince: iso(bornAt + DUE_MS) };
    const askedFor = { scheduledTimestampMs: 0, currentAttemptScheduledTimestampMs: 40 };
    expect(await attempt(world, degraded, 1, askedFor)).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
  });

  test('beside another one asks again when that has surely ended', async () => {
    world.pass(DUE_MS);
    await world.change({ spending: world.marker(1_000) });
    const failure = await asked(world);
    expect(failure.nextRetryDelay).toBe(5_000);
    expect(failure.details).toEqual([expect.not.objectContaining({ problem: expect.anything() as unknown })]);
  });

  test('that finds the secret store away asks again soon, however often it was asked before, and degrades nothing', async () => {
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

  test('that the cloud does not answer is told to the workflow', async () => {
    world.pass(DUE_MS);
    world.cloud.script('rate_limited');
    expect(await attempt(world)).toEqual({
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

  test('while the provider is paused asks again with the operator’s reason, and does not disturb its cloud', async () => {
    world.pass(DUE_MS);
    await world.pauses.pause('ovh', 'Maintenance until noon');
    const failure = await asked(world);
    expect(failure.message).toContain('Maintenance until noon');
    expect(failure.details).toEqual([
      expect.objectContaining({ problem: expect.objectContaining({ code: 'provider_paused' }) as unknown }),
    ]);
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('whose reply is stored and not handed out yet asks again in seconds: readers still get the token before', async () => {
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

  test('that is refused is told', async () => {
    world.pass(DUE_MS);
    world.cloud.withdraw();
    expect(await attempt(world)).toMatchObject({ v: 1, outcome: 'refused', problem: { code: 'invalid_grant' } });
  });

  test('of a connection whose record is gone or unreadable is told', async () => {
    await world.secrets.destroy('live', liveKeys.renewal(connection.id));
    expect(await attempt(world)).toMatchObject({ v: 1, outcome: 'refused', problem: { code: 'credential_missing' } });
  });

  test('whose refusal is doubted asks again, and says so; the third time it is told', async () => {
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

  test('with a reply that could not be stored brings it back sealed', async () => {
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

  test('whose renewal gives cause for a warning tells it, once', async () => {
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
