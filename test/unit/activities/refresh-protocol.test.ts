import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createStoreSealed } from '../../../activities/store-sealed.ts';
import { refreshProtocol } from '../../../activities/refresh/protocol.ts';
import type { RefreshOutcome } from '../../../workflows/contracts/activities.ts';
import { connection, createUpkeepWorld, inActivity, refreshInput, type UpkeepWorld } from './upkeep-world.ts';

let world: UpkeepWorld;
let outcomes: RefreshOutcome[] = [];

beforeEach(async () => {
  world = await createUpkeepWorld();
  outcomes = [];
});

/** No outcome of any of these tests carries a secret. */
afterEach(() => {
  vi.restoreAllMocks();
  const told = JSON.stringify(outcomes);
  if (world.cloud.tokens.some((token) => told.includes(token))) throw new Error(`A token stands in ${told}.`);
});

async function refresh(attemptId = 'attempt', expectedGeneration = 1): Promise<RefreshOutcome> {
  const outcome = await refreshProtocol(world.deps, refreshInput(attemptId, expectedGeneration));
  outcomes.push(outcome);
  return outcome;
}

async function storeSealed(outcome: RefreshOutcome) {
  if (outcome.outcome !== 'sealed') throw new Error(`Expected a sealed reply, not ${outcome.outcome}.`);
  const input = { connection, sealed: outcome.sealed, pendingRef: null };
  return (await inActivity(createStoreSealed(world.deps), input)).outcome;
}

describe('a refresh', () => {
  test('stores the new tokens, one generation on, with its attempt and without the marker', async () => {
    const outcome = await refresh();
    expect(outcome).toMatchObject({
      outcome: 'refreshed',
      replayed: false,
      facts: { generation: 2, ttlSeconds: 3600 },
    });
    expect(await world.live()).toMatchObject({
      access_token: 'access-token-2',
      refresh_token: 'refresh-token-2',
      expires_at: Math.floor(world.deps.clock.now() / 1000) + 3600,
      mooring: { generation: 2, attempt_id: 'attempt', spending: null },
    });
  });

  test('spends nothing where a newer generation is stored already', async () => {
    await world.change({ generation: 5 });
    expect(await refresh()).toMatchObject({ outcome: 'already_fresh', facts: { generation: 5 } });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('spends nothing where the record is gone', async () => {
    await world.secrets.destroy('live', connection.id);
    expect(await refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'credential_missing' } });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('spends nothing where the store can not be read', async () => {
    world.secrets.down = true;
    expect(await refresh()).toMatchObject({ outcome: 'unavailable', problem: { code: 'secret_store_unavailable' } });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('spends nothing where another was faster to mark the record', async () => {
    world.secrets.meanwhile(() => world.change({ spending: world.marker(0) }));
    expect(await refresh()).toMatchObject({ outcome: 'busy' });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test.each(['fails', 'times_out_after_landing'] as const)('spends nothing where marking %s', async (fault) => {
    world.secrets.fail(fault, { operation: 'write' });
    expect(await refresh()).toMatchObject({ outcome: 'unavailable', problem: { code: 'secret_store_unavailable' } });
    expect(world.cloud.calls.refresh).toBe(0);
    world.pass(10_000);
    expect(await refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(world.cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
  });

  test('spends nothing where marking took so long that no time is left to hear the cloud', async () => {
    const real = performance.now.bind(performance);
    let lost = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => real() + lost);
    world.secrets.meanwhile(async () => void (lost = 5_000));
    expect(await refresh()).toMatchObject({ outcome: 'unavailable', problem: { code: 'secret_store_unavailable' } });
    expect(world.cloud.calls.refresh).toBe(0);
    expect((await world.live())?.mooring.spending).toBeNull();
  });
});

describe("another execution's marker", () => {
  test('that is young means busy, for as long as its request may still be under way', async () => {
    await world.change({ spending: world.marker(2_000) });
    expect(await refresh()).toEqual({ outcome: 'busy', retryInSeconds: 4 });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('that is old is replaced by our own, and its spending is repeated once', async () => {
    await world.change({ spending: world.marker(6_000) });
    expect(await refresh()).toMatchObject({ outcome: 'refreshed', replayed: true });
    expect(world.cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
    expect((await world.live())?.mooring.spending).toBeNull();
  });

  test('left under our own attempt by a killed execution is another one all the same', async () => {
    await world.change({ spending: { ...world.marker(1_000), attempt_id: 'attempt' } });
    expect(await refresh('attempt')).toMatchObject({ outcome: 'busy' });
    world.pass(5_000);
    expect(await refresh('attempt')).toMatchObject({ outcome: 'refreshed', replayed: true });
  });

  test('whose answer was lost costs the connection a re-authorisation, and says exactly that', async () => {
    world.cloud.script('lost');
    expect(await refresh()).toMatchObject({ outcome: 'unavailable' });
    world.pass(6_000);
    expect(await refresh('again')).toMatchObject({ outcome: 'refused', problem: { code: 'rotation_response_lost' } });
    expect(world.cloud.calls).toMatchObject({ refresh: 2, spentTwice: 1 });
  });

  test('whose answer was lost costs nothing where the cloud has a grace', async () => {
    world.cloud.grace = true;
    world.cloud.script('lost');
    await refresh();
    world.pass(6_000);
    expect(await refresh('again')).toMatchObject({ outcome: 'refreshed', replayed: true, facts: { generation: 2 } });
    expect(await world.live()).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  test('keeps its doubt through a replay that did not leave', async () => {
    world.cloud.script('lost', 'unreachable');
    await refresh();
    world.pass(6_000);
    expect(await refresh('again')).toMatchObject({ outcome: 'unavailable' });
    world.pass(6_000);
    expect(await refresh('once more')).toMatchObject({ problem: { code: 'rotation_response_lost' } });
    expect(world.cloud.calls.spentTwice).toBe(1);
  });
});

describe('a cloud', () => {
  test.each([
    ['unreachable', { outcome: 'unavailable', retryAfterSeconds: null }],
    ['rate_limited', { outcome: 'unavailable', retryAfterSeconds: 30 }],
    ['misconfigured', { outcome: 'misconfigured', problem: { code: 'invalid_client' } }],
  ] as const)('that is %s has spent nothing: the marker goes at once', async (turn, expected) => {
    world.cloud.script(turn);
    expect(await refresh()).toMatchObject(expected);
    expect((await world.live())?.mooring).toMatchObject({ generation: 1, spending: null });
    expect(await refresh()).toMatchObject({ outcome: 'refreshed', replayed: false });
  });

  test('that breaks off leaves the marker: nobody knows whether it spent the token', async () => {
    world.cloud.script('broken');
    expect(await refresh()).toMatchObject({ outcome: 'unavailable' });
    expect((await world.live())?.mooring.spending).toMatchObject({ attempt_id: 'attempt', replay: false });
  });

  test('that refuses without any doubt before it has revoked the access', async () => {
    world.cloud.withdraw();
    expect(await refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'invalid_grant' } });
  });
});

describe('a reply in hand', () => {
  /** The first write is the marker's, the second the reply's. */
  const replyWrite = { operation: 'write', gate: 'live', after: 1 } as const;

  test('comes back sealed where the store is gone, and is stored when it answers again', async () => {
    world.secrets.fail('fails', replyWrite);
    const outcome = await refresh();
    expect(outcome).toMatchObject({ outcome: 'sealed', facts: { generation: 2 } });
    expect(await storeSealed(outcome)).toBe('stored');
    expect(await world.live()).toMatchObject({ refresh_token: 'refresh-token-2', mooring: { spending: null } });
    expect(await storeSealed(outcome)).toBe('stored');
    expect((await world.live())?.mooring.generation).toBe(2);
  });

  test('whose write landed unheard is sealed, found stored, and stored once', async () => {
    world.secrets.fail('times_out_after_landing', replyWrite);
    const outcome = await refresh();
    expect(outcome.outcome).toBe('sealed');
    const writes = world.secrets.written.length;
    expect(await storeSealed(outcome)).toBe('stored');
    expect(world.secrets.written.length).toBe(writes);
    expect(world.cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
  });

  test("is stored over a successor's marker, and that successor finds it", async () => {
    world.cloud.script('hold');
    const first = refresh('first attempt');
    const release = await world.cloud.held();
    world.pass(7_000);
    await world.change({ spending: world.marker(0) });
    release();
    expect(await first).toMatchObject({ outcome: 'refreshed', facts: { generation: 2 } });
    expect(await refresh('successor')).toMatchObject({ outcome: 'already_fresh', facts: { generation: 2 } });
    expect(world.cloud.calls.refresh).toBe(1);
  });

  test('is dropped where a newer generation was stored meanwhile', async () => {
    world.secrets.fail('fails', replyWrite);
    const outcome = await refresh();
    await world.change({ generation: 7, attempt_id: 'promotion/second' });
    expect(await storeSealed(outcome)).toBe('superseded');
    expect((await world.live())?.mooring.generation).toBe(7);
  });

  test('is not put back where the connection was disconnected meanwhile', async () => {
    world.cloud.script('hold');
    const running = refresh();
    const release = await world.cloud.held();
    await world.secrets.destroy('live', connection.id);
    release();
    expect(await running).toMatchObject({ outcome: 'refused', problem: { code: 'credential_missing' } });
    expect(await world.live()).toBeUndefined();
  });

  test('opens for its own connection alone', async () => {
    world.secrets.fail('fails', replyWrite);
    const outcome = await refresh();
    if (outcome.outcome !== 'sealed') throw new Error('Expected a sealed reply.');
    const other = { ...connection, id: 'con_bbbbbbbbbbbbbbbbbbbbbbbbbb' };
    const input = { connection: other, sealed: outcome.sealed, pendingRef: null };
    await expect(inActivity(createStoreSealed(world.deps), input)).rejects.toThrow('could not be opened');
  });
});
