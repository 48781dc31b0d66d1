import { describe, expect, test } from 'vitest';
import { cycleSeconds, lifeSeconds, renewalDelayMs, spreadOver } from '../../../bench/support/due-times.ts';
import { expectedEndMs } from '../../../bench/support/fleet.ts';

describe('moments at which tokens fall due', () => {
  test('a token whose lifetime was chosen for a moment is renewed around that moment', () => {
    const dueAtMs = 600_000;
    const life = lifeSeconds(dueAtMs, 0);
    const [latest, earliest] = [renewalDelayMs(life, 0), renewalDelayMs(life, 0.999)];
    expect((latest + earliest) / 2).toBeCloseTo(dueAtMs, -4);
    expect(latest - earliest).toBeLessThan(0.11 * dueAtMs);
  });

  test('the shortest token lifetime is longer than its renewal delay, which is at least 5 seconds', () => {
    expect(renewalDelayMs(lifeSeconds(0, 1_000), 0.5)).toBeLessThan(lifeSeconds(0, 1_000) * 1000);
    expect(renewalDelayMs(1, 0.5)).toBe(5_000);
  });

  test('a renewal cycle is as long as the wanted rate requires, but at least 5 seconds', () => {
    expect(cycleSeconds(10_000, 25)).toBe(400);
    expect(cycleSeconds(20, 25)).toBe(5);
  });

  test('due moments are spread evenly over their window', () => {
    const window = { fromMs: 1_000, lengthMs: 100 };
    const moments = Array.from({ length: 100 }, (_, n) => spreadOver(window, n));
    expect(Math.min(...moments)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...moments)).toBeLessThan(1_100);
    for (let tenth = 0; tenth < 10; tenth++) {
      const from = 1_000 + tenth * 10;
      const inside = moments.filter((moment) => moment >= from && moment < from + 10).length;
      expect(inside).toBeGreaterThanOrEqual(9);
      expect(inside).toBeLessThanOrEqual(11);
    }
  });

  test('the end of a fleet’s growth is estimated early rather than late, and as now where nothing is known yet', () => {
    const growth = { startedAtMs: 0, done: 100, total: 1_000 };
    expect(expectedEndMs({ ...growth, nowMs: 10_000 })).toBe(10_000 + 90_000 * 0.8);
    expect(expectedEndMs({ ...growth, nowMs: 1_000 })).toBe(1_000);
    expect(expectedEndMs({ ...growth, nowMs: 10_000, done: 0 })).toBe(10_000);
  });
});
