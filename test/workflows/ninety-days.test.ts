import { describe, expect, inject, test } from 'vitest';
import { ageMs, eventsOf, textOf } from './support/history.ts';
import { useWorld } from './support/world.ts';

const HOUR_MS = 3_600_000;

describe.skipIf(inject('components').timeSkipping === null)('ninety days of hourly refreshes', () => {
  const world = useWorld();

  test('ninety days of hourly refreshes with outages lose no token, spend none twice and keep runs small and young', async () => {
    // The hour is then the shorter of the two limits of a cycle.
    await world.cloud.change({ ovh: { accessTokenLifetimeSeconds: 7200 } });
    const connection = await world.connect();
    const outage = async (action: Parameters<typeof world.cloud.fault>[1]) => {
      await world.cloud.fault({ endpoint: 'token.refresh' }, action, null);
      await world.pass({ hours: 1 });
      await world.cloud.clearFaults();
    };

    await world.pass({ days: 20 });
    await outage({ kind: 'respond', status: 503 });
    await world.pass({ days: 20 });
    await outage({ kind: 'drop_before' });
    await world.pass({ days: 20 });
    world.secrets.goesDownAfterWrites(1);
    await world.pass({ hours: 1 });
    world.secrets.down = false;
    await world.pass({ days: 20 });
    await outage({ kind: 'respond', status: 500 });
    await world.pass({ days: 10 });

    await connection.reaches('active');
    const counters = await world.cloud.counters();
    expect(counters.refreshTokensSpent).toBeGreaterThan(90 * 24 - 24);
    expect(counters.refreshTokensSpentTwice).toBe(0);
    expect(counters.refreshTokensIssued).toBe(counters.refreshTokensSpent + 1);
    const { refreshToken = [] } = await world.cloud.issued();
    expect((await connection.live())?.['refresh_token']).toBe(refreshToken.at(-1));
    expect((await connection.live())?.mooring.generation).toBe(counters.refreshTokensIssued);

    const histories = await connection.histories();
    expect(histories.length).toBeGreaterThan(80);
    expect(Math.max(...histories.map((history) => eventsOf(history).length))).toBeLessThanOrEqual(300);
    expect(Math.max(...histories.map(ageMs))).toBeLessThanOrEqual(26 * HOUR_MS);
    // The payload codec is off in this world, so this is what an activity's results themselves give away.
    const told = textOf(histories);
    expect(refreshToken.filter((token) => told.includes(token))).toEqual([]);
  }, 600_000);
});
