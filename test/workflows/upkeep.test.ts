import { describe, expect, inject, test } from 'vitest';
import { count, eventNames, scheduled } from './support/history.ts';
import { useWorld } from './support/world.ts';

const isSkipped = inject('components').timeSkipping === null;

describe.skipIf(isSkipped)('upkeep', () => {
  const world = useWorld();

  test('costs exactly six history events a cycle, and one refresh token', async () => {
    const connection = await world.connect();
    await world.pass({ hours: 12 });
    const [history] = await connection.histories();
    const fired = eventNames(history).flatMap((name, index) => (name === 'EVENT_TYPE_TIMER_FIRED' ? [index] : []));
    expect(fired.length).toBeGreaterThan(10);
    const costs = fired.slice(1).map((index, cycle) => index - (fired[cycle] ?? 0));
    expect(new Set(costs)).toEqual(new Set([6]));
    const { refreshTokensSpent, requests } = await world.cloud.counters();
    expect(refreshTokensSpent).toBe(fired.length);
    expect(requests['token.refresh']).toBe(fired.length);
  });

  test('writes search attributes when they change, and not otherwise', async () => {
    const connection = await world.connect({ tags: ['blue'] });
    const upserts = async () => count(await connection.histories(), 'EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES');
    const before = await upserts();
    await world.pass({ hours: 6 });
    await connection.send('annotate', { tags: ['blue'] });
    expect(await upserts()).toBe(before);
    await connection.send('annotate', { tags: ['green'] });
    expect(await upserts()).toBe(before + 1);
  });

  test('a cloud that is unavailable degrades a connection, which goes on through the upkeep queue and recovers', async () => {
    const connection = await world.connect();
    const before = await connection.live();
    await world.cloud.fault({ endpoint: 'token.refresh' }, { kind: 'respond', status: 503 }, null);
    await world.pass({ hours: 1 });
    const degraded = await connection.reaches('degraded');
    expect(degraded.problem?.code).toBe('cloud_unavailable');
    expect((await connection.live())?.['access_token']).toBe(before?.['access_token']);
    expect(scheduled(await connection.histories())).toContain('refreshCredential');
    await world.cloud.clearFaults();
    await world.pass({ minutes: 6 });
    expect((await connection.reaches('active')).problem).toBeNull();
    expect(await connection.events()).toContain('recovered');
    expect((await world.cloud.counters()).refreshTokensSpentTwice).toBe(0);
  });

  test('a credential without a refresh token is warned about, and needs the customer at its expiry', async () => {
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

  test('rests while paused, and makes up for it at once when resumed', async () => {
    const connection = await world.connect();
    expect((await connection.send('pause')).status).toBe('paused');
    await world.pass({ hours: 5 });
    expect((await world.cloud.counters()).refreshTokensSpent).toBe(0);
    expect((await connection.send('resume')).status).toBe('active');
    await world.pass({ minutes: 1 });
    expect((await world.cloud.counters()).refreshTokensSpent).toBe(1);
    expect((await connection.view()).credential?.generation).toBe(2);
  });

  test('the answer to a refresh outlives a store that goes away before it is written', async () => {
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
});

describe.skipIf(isSkipped)('a worker whose places for local refreshes are taken', () => {
  const world = useWorld({ localRefreshCap: 0 });

  test('refreshes through the upkeep queue instead, and the connection stays active', async () => {
    const connection = await world.connect();
    await world.pass({ hours: 3 });
    const spent = (await world.cloud.counters()).refreshTokensSpent;
    expect(spent).toBeGreaterThan(2);
    expect(scheduled(await connection.histories()).filter((name) => name === 'refreshCredential').length).toBe(spent);
    expect((await connection.view()).status).toBe('active');
  });
});
