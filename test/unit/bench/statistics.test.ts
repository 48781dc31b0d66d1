import { describe, expect, test } from 'vitest';
import { mean, quantile, rateCurve, ratio, reachedAtMs, spread } from '../../../bench/support/statistics.ts';

describe('statistics', () => {
  test('a quantile is one of the values, by nearest rank', () => {
    const values = [40, 10, 30, 20];
    expect([0, 0.25, 0.5, 0.75, 0.76, 1].map((share) => quantile(values, share))).toEqual([10, 10, 20, 30, 40, 40]);
  });

  test('a statistic without values is null, never a number', () => {
    expect(quantile([], 0.5)).toBeNull();
    expect(mean([])).toBeNull();
    expect(spread([])).toEqual({ min: null, median: null, max: null });
    expect(ratio(1, null)).toBeNull();
    expect(ratio(1, 0)).toBeNull();
  });

  test('a spread has the minimum, the median and the maximum', () => {
    expect(spread([5, 1, 9])).toEqual({ min: 1, median: 5, max: 9 });
  });

  describe('a counter that is read now and then', () => {
    const readings = [
      { atMs: 1_000, count: 100 },
      { atMs: 2_000, count: 110 },
      { atMs: 4_000, count: 150 },
    ];

    test('a counter has a rate for each slice of time, as if it grew evenly between two readings', () => {
      expect(rateCurve(readings, 1_000)).toEqual([10, 20, 20]);
      expect(rateCurve(readings, 1_500)).toEqual([(10 + 10) / 1.5, 20]);
    });

    test('a counter has no rate where its readings span less than a slice', () => {
      expect(rateCurve(readings, 3_001)).toEqual([]);
      expect(rateCurve([], 1_000)).toEqual([]);
    });

    test('a counter reaches a number between two readings, at the first one, or never', () => {
      expect(reachedAtMs(readings, 130)).toBe(3_000);
      expect(reachedAtMs(readings, 90)).toBe(1_000);
      expect(reachedAtMs(readings, 151)).toBeNull();
    });
  });
});
