import { describe, expect, inject, test } from 'vitest';
import { liveKeys } from '../../stores/secrets/credential-record.ts';
import { eventually } from '../support/eventually.ts';
import { count, eventsOf, scheduled } from './support/history.ts';
import { upkeepOf } from './support/pending.ts';
import { useWorld } from './support/world.ts';

const isSkipped = inject('components').timeSkipping === null;

/** The server that skips time answers 1970 where an attribute was taken away. */
const isUnset = (value: unknown): boolean => value === undefined || (value instanceof Date && value.getTime() === 0);

describe.skipIf(isSkipped)('upkeep', () => {
  const world = useWorld();

  test('upkeep costs no history event and one refresh token per cycle', async () => {
    const connection = await world.connect();
    await eventually('the loop', async () => (await upkeepOf(world, connection)).attempt > 1);
    const [before] = await connection.histories();
    await world.pass({ hours: 12 });
    const [after] = await connection.histories();
    expect(eventsOf(after).length).toBe(eventsOf(before).length);
    const { refreshTokensSpent, requests } = await world.cloud.counters();
    expect(refreshTokensSpent).toBeGreaterThan(10);
    expect(requests['token.refresh']).toBe(refreshTokensSpent);
    expect((await connection.live())?.mooring.generation).toBe(refreshTokensSpent + 1);
  });

  test('upkeep reports the stored generation and the time of the next renewal in the pending activity', async () => {
    const connection = await world.connect();
    await world.pass({ hours: 3 });
    const { report, sentence } = await eventually('a report', async () => {
      const pending = await upkeepOf(world, connection);
      return pending.report?.generation !== undefined && pending;
    });
    const { generation, next_refresh_at_ms: nextMs } = (await connection.live())?.mooring ?? {};
    expect(report).toMatchObject({ v: 1, generation });
    expect(Date.parse(report?.nextRefreshAt ?? '')).toBe(nextMs);
    expect(sentence).toMatch(/^Fresh until .*; next renewal at /);
  });

  test('upkeep hands out the access token that it renewed, without the refresh token', async () => {
    const connection = await world.connect();
    await world.pass({ hours: 3 });
    const stored = await connection.live();
    const access = (await world.secrets.read('live', liveKeys.access(connection.id)))?.data.reveal();
    expect(access).toMatchObject({ access_token: stored?.['access_token'], expires_at: stored?.['expires_at'] });
    expect(access).not.toHaveProperty('refresh_token');
  });

  test('search attributes are written when they change, and not otherwise', async () => {
    const connection = await world.connect({ tags: ['blue'] });
    const upserts = async () => count(await connection.histories(), 'EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES');
    const before = await upserts();
    await world.pass({ hours: 6 });
    await connection.send('annotate', { tags: ['blue'] });
    expect(await upserts()).toBe(before);
    await connection.send('annotate', { tags: ['green'] });
    expect(await upserts()).toBe(before + 1);
  });

  test('a connection is searched by its account from when it is active, and by its name, over all its runs', async () => {
    const connection = await world.connect();
    const shown = async () => (await connection.handle.describe()).searchAttributes;
    expect((await shown())['MooringAccount']).toEqual([expect.stringMatching(/^[a-z2-7]{16}$/)]);
    expect(isUnset((await shown())['MooringActBy']?.[0])).toBe(true);
    await connection.send('annotate', { name: 'Blue', nameDigests: ['digest'] });
    const before = await shown();
    await world.pass({ days: 2 });
    expect((await connection.histories()).length).toBeGreaterThan(1);
    const after = await shown();
    for (const name of ['MooringAccount', 'MooringName', 'MooringCreatedAt']) expect(after[name]).toEqual(before[name]);
    expect(after['MooringName']).toEqual(['digest']);
  });

  test('when a person must have acted is written with the change that it follows from', async () => {
    const connection = await world.start();
    const actBy = async () => (await connection.handle.describe()).searchAttributes['MooringActBy']?.[0];
    // At the start the API has written it, by its own clock.
    const expiresAt = Date.parse((await connection.view()).invitation?.expiresAt ?? '');
    expect(Math.abs(((await actBy()) as Date).getTime() - expiresAt)).toBeLessThan(60_000);
    await connection.signIn();
    await connection.reaches('active');
    expect(isUnset(await actBy())).toBe(true);
    await connection.reauthorize();
    expect(await actBy()).toEqual(new Date((await connection.view()).invitation?.expiresAt ?? ''));
    await connection.send('revokeInvitation');
    expect(isUnset(await actBy())).toBe(true);
  });

  test('an unavailable cloud degrades a connection, which is retried with backoff and recovers', async () => {
    const connection = await world.connect();
    const before = await connection.live();
    await world.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status: 503 }, null);
    await world.pass({ hours: 1 });
    const degraded = await connection.reaches('degraded');
    expect(degraded.problem?.code).toBe('cloud_unavailable');
    expect((await connection.live())?.['access_token']).toBe(before?.['access_token']);
    const events = eventsOf((await connection.histories())[0]).length;
    await world.pass({ hours: 2 });
    expect(eventsOf((await connection.histories())[0]).length).toBe(events);
    await world.cloud.clearFaults();
    await world.pass({ minutes: 6 });
    expect((await connection.reaches('active')).problem).toBeNull();
    expect(await connection.events()).toContain('recovered');
    expect((await world.cloud.counters()).refreshTokensSpentTwice).toBe(0);
  });

  test('a credential without a refresh token causes a warning, and needs the customer when it expires', async () => {
    await world.cloud.change({ ovh: { omitRefreshToken: true } });
    const connection = await world.connect();
    const { credential, warnings } = await connection.view();
    expect(credential).toMatchObject({ renewable: false, nextRefreshAt: null });
    expect(warnings.map(({ code }) => code)).toContain('no_refresh_token');
    await world.pass({ minutes: 59 });
    expect((await connection.view()).status).toBe('active');
    await world.pass({ minutes: 2 });
    expect((await connection.reaches('action_required')).problem?.code).toBe('no_refresh_token');
  });

  test('upkeep rests while a connection is paused, and renews at once when it is resumed', async () => {
    const connection = await world.connect();
    expect((await connection.send('pause')).status).toBe('paused');
    await world.pass({ hours: 5 });
    expect((await world.cloud.counters()).refreshTokensSpent).toBe(0);
    expect((await connection.send('resume')).status).toBe('active');
    await world.pass({ minutes: 1 });
    expect((await world.cloud.counters()).refreshTokensSpent).toBe(1);
    expect((await connection.live())?.mooring.generation).toBe(2);
  });

  test('the response to a refresh is not lost where the secret store becomes unavailable before it is written', async () => {
    const connection = await world.connect();
    world.secrets.goesDownAfterWrites(1);
    await world.pass({ hours: 1 });
    expect((await connection.reaches('degraded')).problem?.code).toBe('secret_store_unavailable');
    await world.pass({ hours: 3 });
    expect((await world.cloud.counters()).requests['token.refresh']).toBe(1);
    world.secrets.down = false;
    await world.pass({ minutes: 2 });
    await connection.reaches('active');
    expect(await connection.events()).toContain('sealed_stored');
    await world.pass({ hours: 2 });
    expect((await connection.view()).status).toBe('active');
    expect((await world.cloud.counters()).refreshTokensSpentTwice).toBe(0);
  });

  test('a forced refresh does not restart the pending upkeep, and no token is spent twice', async () => {
    const connection = await world.connect();
    await eventually('the loop', async () => (await upkeepOf(world, connection)).attempt > 1);
    const keepFreshes = async () =>
      scheduled(await connection.histories()).filter((name) => name === 'keepFresh').length;
    const before = await keepFreshes();
    expect((await connection.refresh()).spent).toBe(true);
    expect(await keepFreshes()).toBe(before);
    await world.pass({ hours: 1 });
    const { refreshTokensSpent, refreshTokensSpentTwice } = await world.cloud.counters();
    expect(refreshTokensSpentTwice).toBe(0);
    expect((await connection.live())?.mooring.generation).toBe(refreshTokensSpent + 1);
  });
});
