import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { usableLifetime } from '../../../providers/oauth/token-reply.ts';

const TEN_YEARS = 10 * 365 * 24 * 60 * 60;

describe('a lifetime that a cloud gave', () => {
  test.each([
    [3600, 3600],
    [1, 1],
    [1799.5, 1799],
    [3599.999, 3599],
    ['3600', 3600],
    [' 3600 ', 3600],
    ['1799.5', 1799],
    ['3.6e3', 3600],
    [1e12, TEN_YEARS],
    [Number.MAX_VALUE, TEN_YEARS],
    ['99999999999', TEN_YEARS],
    [TEN_YEARS, TEN_YEARS],
    [TEN_YEARS + 1, TEN_YEARS],
  ])('a lifetime of %j counts as %i whole seconds', (given, seconds) => {
    expect(usableLifetime(given)).toBe(seconds);
  });

  test.each([
    [0],
    [-1],
    [-0],
    [0.5],
    [Number.NaN],
    [Infinity],
    [-Infinity],
    [''],
    ['   '],
    ['0'],
    ['-3600'],
    ['an hour'],
    ['3600 s'],
    ['PT1H'],
    ['Infinity'],
    ['NaN'],
    [null],
    [undefined],
    [true],
    [[3600]],
    [{ seconds: 3600 }],
  ])('a lifetime of %j counts as missing', (given) => {
    expect(usableLifetime(given)).toBeUndefined();
  });

  test('any value is read as no lifetime or as whole seconds up to ten years, and never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (given) => {
        const seconds = usableLifetime(given);
        if (seconds === undefined) return;
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds).toBeGreaterThanOrEqual(1);
        expect(seconds).toBeLessThanOrEqual(TEN_YEARS);
      }),
      { numRuns: 1_000 },
    );
  });
});
