import { beforeEach, describe, expect, test } from 'vitest';
import { createRefreshCredential } from '../../../activities/refresh/refresh-credential.ts';
import { createRefreshProtocol } from '../../../activities/refresh/protocol.ts';
import { ephemeralKeys } from '../../../stores/ephemeral/keys.ts';
import { liveKeys } from '../../../stores/secrets/credential-record.ts';
import type { ConnectionActivities, RefreshInput } from '../../../contracts/activities.ts';
import {
  bornAt,
  connection,
  createUpkeepWorld,
  DUE_MS,
  inActivity,
  stopAttemptClock,
  type UpkeepWorld,
} from './upkeep-world.ts';

let world: UpkeepWorld;
let activity: ConnectionActivities['refreshCredential'];
beforeEach(async () => {
  world = await createUpkeepWorld();
  world.pass(DUE_MS);
  activity = createRefreshCredential(world.deps, createRefreshProtocol(world.deps));
});

const input = (more: Partial<RefreshInput> = {}): RefreshInput => ({
  connection,
  askedAtMs: bornAt + DUE_MS,
  requestId: 'request',
  minTtlSeconds: null,
  ...more,
});
const refresh = (more?: Partial<RefreshInput>, attempt = 1) => inActivity(activity, input(more), { attempt });

describe('a requested refresh', () => {
  test('a requested refresh returns the facts of the new credential without secrets, and publishes them for lists', async () => {
    const outcome = await refresh();
    expect(outcome).toEqual({
      outcome: 'refreshed',
      replayed: false,
      warnings: [],
      facts: {
        v: 1,
        generation: 2,
        issuedAt: '2030-01-01T00:48:00.000Z',
        expiresAt: '2030-01-01T01:48:00.000Z',
        nextRefreshAt: '2030-01-01T01:36:00.000Z',
        renewable: true,
        scopes: ['all'],
      },
    });
    expect(await world.ephemeral.get(ephemeralKeys.facts(connection.id))).toEqual({
      v: 1,
      generation: 2,
      issuedAt: '2030-01-01T00:48:00.000Z',
      expiresAt: '2030-01-01T01:48:00.000Z',
      nextRefreshAt: '2030-01-01T01:36:00.000Z',
    });
  });

  test('a requested refresh succeeds although the ephemeral store does not answer', async () => {
    world.ephemeral.down = true;
    expect(await refresh()).toMatchObject({ outcome: 'refreshed' });
    expect(await world.access()).toMatchObject({ access_token: 'access-token-2' });
  });

  test('a requested refresh that is repeated after its answer was lost spends no second token', async () => {
    await refresh();
    expect(await refresh({}, 2)).toMatchObject({ outcome: 'already_fresh', facts: { generation: 2 } });
    expect(world.cloud.calls).toMatchObject({ refresh: 1, spentTwice: 0 });
  });

  test('a requested refresh beside another attempt is retried once that attempt must have ended', async () => {
    await world.change({ spending: world.marker(4_000) });
    await expect(refresh()).rejects.toMatchObject({ type: 'not_yet', nonRetryable: false, nextRetryDelay: 2_000 });
    expect(world.attempts).toEqual([['ovh', 'busy', null]]);
  });

  test('a requested refresh that the cloud refuses is reported as refused', async () => {
    world.cloud.withdraw();
    expect(await refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'invalid_grant' } });
  });

  test('a requested refresh that is refused once, where tokens do not rotate, is unavailable with a retry time', async () => {
    world = await createUpkeepWorld({ rotates: false });
    world.pass(DUE_MS);
    activity = createRefreshCredential(world.deps, createRefreshProtocol(world.deps));
    world.cloud.script('refused');
    expect(await refresh()).toMatchObject({
      outcome: 'unavailable',
      problem: { code: 'access_refused' },
      retryAfterSeconds: 90,
      providerWide: false,
    });
  });

  test('a requested refresh of a deleted record is refused, with the reason', async () => {
    await world.secrets.destroy('live', liveKeys.renewal(connection.id));
    expect(await refresh()).toMatchObject({ outcome: 'refused', problem: { code: 'credential_missing' } });
  });

  test('a requested refresh that the cloud rate-limits is a problem of this connection only', async () => {
    world.cloud.script('rate_limited');
    expect(await refresh()).toMatchObject({ outcome: 'unavailable', retryAfterSeconds: 30, providerWide: false });
  });

  test('a requested refresh that is refused as misconfigured is a problem of the whole provider', async () => {
    // The application itself is refused: the provider's gate closes at once.
    world.cloud.script('misconfigured');
    expect(await refresh()).toMatchObject({
      outcome: 'unavailable',
      problem: { code: 'invalid_client' },
      providerWide: true,
    });
  });

  test('a requested refresh without the secret store spends nothing, and is no problem of this connection', async () => {
    world.secrets.down = true;
    expect(await refresh()).toEqual({
      outcome: 'unavailable',
      problem: expect.objectContaining({ code: 'secret_store_unavailable' }) as unknown,
      retryAfterSeconds: null,
      providerWide: true,
    });
    expect(world.cloud.calls.refresh).toBe(0);
  });

  test('a requested refresh returns a reply that could not be stored in sealed form', async () => {
    const clock = stopAttemptClock();
    world.cloud.script('hold');
    const running = refresh();
    const release = await world.cloud.held();
    clock.pass(9_000);
    world.secrets.down = true;
    release();
    const outcome = await running;
    expect(outcome).toMatchObject({ outcome: 'sealed', facts: { generation: 2 }, sealed: { attemptId: 'request' } });
    expect(JSON.stringify(outcome)).not.toContain('token-2');
  });

  test('a requested refresh is counted in the metrics and never as late', async () => {
    await refresh();
    expect(world.attempts).toEqual([['ovh', 'refreshed', null]]);
  });
});
