import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeCredential, refreshDelayMs } from '../../../workflows/contracts/credential-schedule.ts';
import { backoffMs, runIsOver, type Run } from '../../../workflows/connection.schedule.ts';
import { bornAt } from './connection-events.ts';

const HOUR_MS = 3_600_000;
const FLOOR_MS = 5_000;
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const ttl = fc.option(fc.integer({ min: 0, max: 400 * 86_400 }));

describe('the next refresh', () => {
  test('comes within an hour and 80 % of the life, at most a tenth earlier, and never below the floor', () => {
    fc.assert(
      fc.property(ttl, random, (ttlSeconds, x) => {
        const delay = refreshDelayMs(ttlSeconds, x);
        const latest = Math.min(HOUR_MS, ttlSeconds === null ? HOUR_MS : ttlSeconds * 800);
        expect(delay).toBeLessThanOrEqual(Math.max(latest, FLOOR_MS));
        expect(delay).toBeGreaterThanOrEqual(Math.max(latest * 0.9 - 1, FLOOR_MS));
      }),
    );
  });

  test('is placed by the clock of whoever places it, and a credential that can not be renewed has none', () => {
    fc.assert(
      fc.property(ttl, random, fc.boolean(), (ttlSeconds, x, renewable) => {
        const facts = { generation: 1, ttlSeconds, lifetimeSeconds: ttlSeconds, renewable, scopes: [] };
        const placed = placeCredential(facts, bornAt, x);
        expect(placed.expiresAt === null).toBe(ttlSeconds === null);
        if (ttlSeconds !== null) expect(Date.parse(placed.expiresAt ?? '')).toBe(bornAt + ttlSeconds * 1000);
        expect(placed.nextRefreshAt === null).toBe(!renewable);
      }),
    );
  });

  test('of a credential that was issued a while ago counts its life from then', () => {
    const facts = { generation: 3, ttlSeconds: 600, lifetimeSeconds: 3600, renewable: true, scopes: [] };
    expect(placeCredential(facts, bornAt, 0)).toMatchObject({
      issuedAt: new Date(bornAt - 3000_000).toISOString(),
      nextRefreshAt: new Date(bornAt + 480_000).toISOString(),
    });
  });
});

describe('the next try after a failure', () => {
  test('is later each time, up to five minutes', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100 }), random, (failures, x) => {
        const delay = backoffMs(failures, null, x);
        expect(delay).toBeGreaterThanOrEqual(9_000);
        expect(delay).toBeLessThanOrEqual(300_000);
        expect(backoffMs(failures + 1, null, x)).toBeGreaterThanOrEqual(delay);
      }),
    );
    expect(backoffMs(100, null, 0)).toBe(300_000);
  });

  test('is not before the cloud asked for, within an hour', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10 }), fc.nat({ max: 100_000 }), random, (failures, seconds, x) => {
        const delay = backoffMs(failures, seconds, x);
        expect(delay).toBeGreaterThanOrEqual(Math.min(seconds * 1000, HOUR_MS));
        expect(delay).toBeLessThanOrEqual(HOUR_MS);
      }),
    );
  });
});

describe('a run', () => {
  const run: Run = { startedAt: bornAt, jitter: 0, cycles: 0, historyEvents: 0, suggested: false };

  test('ends after a day, less up to a tenth, so that connections made together do not turn over together', () => {
    fc.assert(
      fc.property(random, (jitter) => {
        expect(runIsOver({ ...run, jitter }, bornAt + 21.5 * HOUR_MS)).toBe(false);
        expect(runIsOver({ ...run, jitter }, bornAt + 24 * HOUR_MS)).toBe(true);
      }),
    );
  });

  test('ends after 24 cycles, well below 300 events, or when Temporal suggests it', () => {
    expect(runIsOver({ ...run, cycles: 23 }, bornAt)).toBe(false);
    expect(runIsOver({ ...run, cycles: 24 }, bornAt)).toBe(true);
    expect(runIsOver({ ...run, historyEvents: 250 }, bornAt)).toBe(true);
    expect(runIsOver({ ...run, suggested: true }, bornAt)).toBe(true);
  });
});
