import { beforeEach, describe, expect, test } from 'vitest';
import { projection } from '../../../activities/records.ts';
import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import { Secret } from '../../../platform/secret.ts';
import { bornAt, connection, createUpkeepWorld, DUE_MS, stopAttemptClock, type UpkeepWorld } from './upkeep-world.ts';

const HOUR_MS = 3_600_000;
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

let world: UpkeepWorld;
beforeEach(async () => void (world = await createUpkeepWorld()));

const expectNothingSpent = () => expect(world.cloud.calls.refresh).toBe(0);

describe('a renewal', () => {
  test('a renewal takes place when the record says that it is due, and not a millisecond before', async () => {
    world.pass(DUE_MS - 1);
    expect(await world.refresh()).toMatchObject({ outcome: 'fresh', facts: { generation: 1 } });
    expectNothingSpent();
    world.pass(1);
    expect(await world.refresh()).toMatchObject({
      outcome: 'refreshed',
      facts: { generation: 2 },
      dueAtMs: bornAt + DUE_MS,
    });
    expect(world.cloud.calls.refresh).toBe(1);
  });

  test('a renewal stores the new tokens with the next generation, its attempt and due time, without the marker', async () => {
    world.pass(DUE_MS);
    const now = bornAt + DUE_MS;
    expect(await world.refresh()).toMatchObject({
      outcome: 'refreshed',
      replayed: false,
      facts: {
        v: 1,
        generation: 2,
        issuedAt: iso(now),
        expiresAt: iso(now + HOUR_MS),
        nextRefreshAt: iso(now + DUE_MS),
        renewable: true,
        scopes: ['all'],
      },
    });
    expect(await world.renewal()).toMatchObject({
      access_token: 'access-token-2',
      refresh_token: 'refresh-token-2',
      expires_at: Math.floor((now + HOUR_MS) / 1000),
      mooring: {
        generation: 2,
        attempt_id: 'attempt-1',
        next_refresh_at_ms: now + DUE_MS,
        spending: null,
        refusals: 0,
      },
    });
  });

  test('a renewal hands out the new access token, and nothing that renews it', async () => {
    world.pass(DUE_MS);
    await world.refresh();
    const access = await world.access();
    expect(access).toMatchObject({ access_token: 'access-token-2', mooring: { tenant: 'acme', generation: 2 } });
    expect(access).not.toHaveProperty('refresh_token');
    expect(access?.mooring).not.toHaveProperty('spending');
  });

  test('a renewal is due while an old marker stands, since its reply may be lost', async () => {
    await world.change({ spending: world.marker(6_000) });
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed', replayed: true });
  });

  test('a renewal is due at once where the last one failed, however long the credential still lives', async () => {
    const since = (milliseconds: number) => ({ when: 'due', degradedSince: iso(milliseconds) }) as const;
    world.pass(60_000);
    expect(await world.refresh(since(bornAt))).toMatchObject({ outcome: 'fresh', facts: { generation: 1 } });
    expectNothingSpent();
    expect(await world.refresh(since(bornAt + 1))).toMatchObject({ outcome: 'refreshed', facts: { generation: 2 } });
    // A credential that was issued since then is not due, also where another attempt issued it.
    expect(await world.refresh(since(bornAt + 60_000))).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
    expect(world.cloud.calls.refresh).toBe(1);
  });

  test('a credential that cannot be renewed is due only at its expiry, and is refused then', async () => {
    await world.change({ renewable: false, next_refresh_at_ms: null });
    world.pass(HOUR_MS - 1);
    expect(await world.refresh()).toMatchObject({ outcome: 'fresh' });
    world.pass(1);
    expect(await world.refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'no_refresh_token' } });
    expectNothingSpent();
    expect((await world.renewal())?.mooring.spending).toBeNull();
  });

  test('a credential that neither expires nor can be renewed is never due', async () => {
    await world.change({ renewable: false, next_refresh_at_ms: null, ttl_seconds: null });
    world.pass(10 * 365 * 24 * HOUR_MS);
    expect(await world.refresh()).toMatchObject({ outcome: 'fresh', facts: { expiresAt: null } });
  });
});

describe('an attempt that finds nothing due', () => {
  test('an attempt with nothing due updates an access record that a killed attempt left behind', async () => {
    const newer = world.signedIn(2, 'killed');
    await world.secrets.write('live', liveKeys.renewal(connection.id), newer);
    expect(await world.access()).toMatchObject({ access_token: 'access-token-1' });
    expect(await world.refresh()).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
    expect(await world.access()).toMatchObject({ access_token: 'access-token-2', mooring: { generation: 2 } });
    expectNothingSpent();
  });

  test('an attempt with nothing due writes nothing where the access record is up to date', async () => {
    await world.refresh();
    expect(world.secrets.written).toEqual([]);
  });

  test('an attempt with nothing due keeps an access record that is newer than the renewal record', async () => {
    const newer = projection(world.signedIn(2, 'another').reveal(), ['access_token']);
    await world.secrets.write('live', liveKeys.access(connection.id), newer);
    await world.refresh();
    expect(await world.access()).toMatchObject({ access_token: 'access-token-2' });
  });

  test('an attempt never recreates a deleted access record, whether a renewal is due or not', async () => {
    await world.secrets.destroy('live', liveKeys.access(connection.id));
    expect(await world.refresh()).toMatchObject({ outcome: 'fresh' });
    expect(await world.access()).toBeUndefined();
    world.pass(DUE_MS);
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(await world.access()).toBeUndefined();
  });

  test('an attempt with nothing due repairs an access record that another program has changed', async () => {
    await world.secrets.write('live', liveKeys.access(connection.id), new Secret({ hello: 'world' }));
    await world.refresh();
    expect(await world.access()).toMatchObject({ access_token: 'access-token-1' });
  });
});

describe('a requested refresh', () => {
  test('a requested refresh spends although nothing is due', async () => {
    world.pass(1_000);
    const outcome = await world.refresh(world.asked());
    expect(outcome).toMatchObject({ outcome: 'refreshed', facts: { generation: 2 } });
    expect((await world.renewal())?.mooring.attempt_id).toBe('request');
  });

  test('a requested refresh is answered by a credential that was issued after the request', async () => {
    world.pass(1_000);
    const asked = world.asked();
    world.pass(5_000);
    await world.refresh(world.asked({ requestId: 'of another' }));
    expect(await world.refresh(asked)).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
    expect(world.cloud.calls.refresh).toBe(1);
  });

  test('a requested refresh that is repeated is answered by the credential that it issued itself', async () => {
    world.pass(1_000);
    await world.refresh(world.asked());
    world.pass(5_000);
    expect(await world.refresh(world.asked())).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
    expect(world.cloud.calls.refresh).toBe(1);
  });

  test('a refresh for a minimum lifetime spends only where less is left and the credential is a minute old', async () => {
    world.pass(59_999);
    expect(await world.refresh(world.asked({ minTtlSeconds: 3_600 }))).toMatchObject({ outcome: 'fresh' });
    world.pass(1);
    expect(await world.refresh(world.asked({ minTtlSeconds: 3_540 }))).toMatchObject({ outcome: 'fresh' });
    expectNothingSpent();
    expect(await world.refresh(world.asked({ minTtlSeconds: 3_541 }))).toMatchObject({ outcome: 'refreshed' });
  });

  test('a requested refresh has no due time, so that it is not counted as late', async () => {
    world.pass(60_000);
    expect(await world.refresh(world.asked())).toMatchObject({ outcome: 'refreshed', dueAtMs: null });
  });

  test('a refresh for a minimum lifetime never spends where the credential does not expire', async () => {
    await world.change({ ttl_seconds: null });
    world.pass(DUE_MS);
    expect(await world.refresh(world.asked({ minTtlSeconds: 3_600 }))).toMatchObject({ outcome: 'fresh' });
    expectNothingSpent();
  });
});

describe('nothing is spent', () => {
  beforeEach(() => world.pass(DUE_MS));

  test('no refresh token is spent where the record was deleted', async () => {
    await world.secrets.destroy('live', liveKeys.renewal(connection.id));
    expect(await world.refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'credential_missing' } });
    expectNothingSpent();
  });

  test.each([
    ['empty', {}],
    ['without its bookkeeping', { provider: 'ovh', endpoint: 'ovh-eu', auth_method: 'authorization_code' }],
    ['of an unknown shape', { mooring: 'no' }],
  ])(
    'no refresh token is spent where the record is %s, and the attempt is refused without an exception',
    async (_what, document) => {
      await world.secrets.write('live', liveKeys.renewal(connection.id), new Secret(document));
      for (const wanted of [undefined, world.asked()]) {
        expect(await world.refresh(wanted)).toMatchObject({
          outcome: 'refused',
          problem: { code: 'credential_unreadable' },
        });
      }
      expectNothingSpent();
    },
  );

  test.each([
    ['next_refresh_at_ms', { next_refresh_at_ms: 9e15 }],
    ['issued_at_ms', { issued_at_ms: 9e15 }],
    ['ttl_seconds', { ttl_seconds: 9e15 }],
  ])('a renewal is refused where %s is beyond the range of valid dates', async (_field, mooring) => {
    await world.change(mooring);
    expect(await world.refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'credential_unreadable' } });
  });

  test('no refresh token is spent where the secret store cannot be read', async () => {
    world.secrets.down = true;
    expect(await world.refresh()).toEqual({ outcome: 'store_unavailable', facts: null });
    expectNothingSpent();
  });

  test.each(['fails', 'times_out_after_landing'] as const)(
    'no refresh token is spent or lost where the write of the marker %s',
    async (fault) => {
      world.secrets.fail(fault, { operation: 'write' });
      expect(await world.refresh()).toMatchObject({ outcome: 'store_unavailable', facts: { generation: 1 } });
      expectNothingSpent();
      world.pass(10_000);
      expect(await world.refresh()).toMatchObject({ outcome: 'refreshed' });
      expect(world.cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
    },
  );

  test('no refresh token is spent where another attempt was faster to mark the record', async () => {
    world.secrets.meanwhile(() => world.change({ spending: world.marker(0) }));
    expect(await world.refresh()).toMatchObject({ outcome: 'busy', facts: { generation: 1 } });
    expectNothingSpent();
  });

  test('no refresh token is spent where the write of the marker left no time for the response of the cloud', async () => {
    const clock = stopAttemptClock();
    world.secrets.meanwhile(async () => clock.pass(5_000));
    expect(await world.refresh()).toMatchObject({ outcome: 'store_unavailable' });
    expectNothingSpent();
    expect((await world.renewal())?.mooring.spending).toBeNull();
  });

  test('no refresh token is spent and no marker is written while an operator has paused the provider', async () => {
    await world.pauses.pause('ovh', 'Maintenance');
    expect(await world.refresh()).toMatchObject({
      outcome: 'held',
      held: { state: 'paused', problem: { code: 'provider_paused' } },
      facts: { generation: 1 },
    });
    expectNothingSpent();
    expect(world.secrets.written).toEqual([]);
  });
});

test('a requested refresh takes place although the provider is paused', async () => {
  await world.pauses.pause('ovh', null);
  world.pass(1_000);
  expect(await world.refresh(world.asked())).toMatchObject({ outcome: 'refreshed' });
});

describe('where refresh tokens do not rotate', () => {
  beforeEach(async () => {
    world = await createUpkeepWorld({ rotates: false });
    world.pass(DUE_MS);
  });

  test('no marker is written where refresh tokens do not rotate: only the reply and the access record are', async () => {
    expect(await world.refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(world.secrets.written).toEqual(['live', 'live']);
    expect(await world.access()).toMatchObject({ access_token: 'access-token-2' });
  });

  test('an attempt without rotation finds the next generation that another process stored meanwhile', async () => {
    world.cloud.script('hold');
    const first = world.refresh();
    const release = await world.cloud.held();
    await world.change({ generation: 2, attempt_id: 'another process' });
    release();
    expect(await first).toMatchObject({ outcome: 'fresh', facts: { generation: 2 } });
  });
});
