import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refreshDelayMs } from '../../../activities/refresh/schedule.ts';
import { backoffMs } from '../../../contracts/backoff.ts';
import { nextWake, runEndsAt, runIsOver, type Run } from '../../../workflows/connection/schedule.ts';
import { after, bornAt, connected, isoAt, newConnection } from './connection-events.ts';

const HOUR_MS = 3_600_000;
const FLOOR_MS = 5_000;
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const ttl = fc.option(fc.integer({ min: 0, max: 400 * 86_400 }));

describe('the next renewal', () => {
  test('the next renewal is due within an hour and 80 % of the life, at most a tenth earlier, never below the floor', () => {
    fc.assert(
      fc.property(ttl, random, (ttlSeconds, x) => {
        const delay = refreshDelayMs(ttlSeconds, x);
        const latest = Math.min(HOUR_MS, ttlSeconds === null ? HOUR_MS : ttlSeconds * 800);
        expect(delay).toBeLessThanOrEqual(Math.max(latest, FLOOR_MS));
        expect(delay).toBeGreaterThanOrEqual(Math.max(latest * 0.9 - 1, FLOOR_MS));
      }),
    );
  });

  test('the next renewal is due within the longest cycle that a manifest sets and within 80 % of the life', () => {
    const cycle = fc.integer({ min: 60, max: 60 * 86_400 });
    fc.assert(
      fc.property(ttl, random, cycle, (ttlSeconds, x, longest) => {
        const delay = refreshDelayMs(ttlSeconds, x, longest);
        const latest = Math.min(longest * 1000, ttlSeconds === null ? Infinity : ttlSeconds * 800);
        expect(delay).toBeLessThanOrEqual(Math.max(latest, FLOOR_MS));
        expect(delay).toBeGreaterThanOrEqual(Math.max(latest * 0.9 - 1, FLOOR_MS));
      }),
    );
  });

  test('a token that lives for weeks is renewed once a day where the manifest says so, and hourly otherwise', () => {
    expect(refreshDelayMs(30 * 86_400, 0, 86_400)).toBe(24 * HOUR_MS);
    expect(refreshDelayMs(30 * 86_400, 0)).toBe(HOUR_MS);
  });

  test('the time to the next renewal is a whole number of milliseconds, because a store accepts no other', () => {
    fc.assert(
      fc.property(ttl, random, (ttlSeconds, x) => {
        expect(Number.isInteger(refreshDelayMs(ttlSeconds, x))).toBe(true);
      }),
    );
  });
});

describe('the next try after a failure', () => {
  test('the wait before a retry grows with each failure, up to five minutes', () => {
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

  test('a retry is not earlier than the cloud asked for, and at the latest after an hour', () => {
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
  const run: Run = { startedAt: bornAt, jitter: 0, historyEvents: 0, suggested: false, hasUpkeep: false };

  test('a run ends after a day less up to a tenth, so that connections made together are not replaced together', () => {
    fc.assert(
      fc.property(random, (jitter) => {
        expect(runIsOver({ ...run, jitter }, bornAt + 21.5 * HOUR_MS)).toBe(false);
        expect(runIsOver({ ...run, jitter }, bornAt + 24 * HOUR_MS)).toBe(true);
        expect(runEndsAt({ startedAt: bornAt, jitter })).toBeGreaterThan(bornAt + 21.5 * HOUR_MS);
      }),
    );
  });

  test('a run ends after 200 events, or when Temporal suggests it', () => {
    expect(runIsOver({ ...run, historyEvents: 199 }, bornAt)).toBe(false);
    expect(runIsOver({ ...run, historyEvents: 200 }, bornAt)).toBe(true);
    expect(runIsOver({ ...run, suggested: true }, bornAt)).toBe(true);
  });

  test('a run waits an hour and a half longer for pending upkeep, whose result would otherwise be lost', () => {
    const upkeep = { ...run, hasUpkeep: true };
    expect(runIsOver(upkeep, bornAt + 25.5 * HOUR_MS - 1)).toBe(false);
    expect(runIsOver(upkeep, bornAt + 25.5 * HOUR_MS)).toBe(true);
    expect(runIsOver({ ...upkeep, historyEvents: 200 }, bornAt)).toBe(true);
  });

  test('a run with pending upkeep wakes only for its own end', () => {
    expect(nextWake(connected(), { ...run, hasUpkeep: true })).toMatchObject({
      due: 'renewRun',
      at: bornAt + 25.5 * HOUR_MS,
    });
  });

  test('a run wakes to restart interrupted upkeep, unless the connection is paused or upkeep has resumed', () => {
    const until = isoAt(bornAt + 60_000);
    const interrupted = after(connected(), { type: 'upkeepInterrupted', until });
    expect(nextWake(interrupted, run)).toMatchObject({ due: 'upkeep', at: bornAt + 60_000 });
    expect(nextWake(after(interrupted, { type: 'paused' }), run).due).toBe('renewRun');
    expect(nextWake(after(interrupted, { type: 'upkeepResumed' }), run).due).toBe('renewRun');
  });

  test('a run of a stopped or ending connection does not wake for an invitation', () => {
    for (const type of ['stopped', 'disconnectRequested'] as const) {
      expect(nextWake(after(newConnection(), { type }), run).due).toBe('renewRun');
    }
  });
});
