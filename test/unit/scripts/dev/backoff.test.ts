import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deathsInARow, restartDelayMs } from '../../../../scripts/dev/supervise.ts';

test('the restart delay grows with each crash in a row, up to five seconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), (deaths) => {
      expect(restartDelayMs(deaths)).toBeLessThanOrEqual(5_000);
      expect(restartDelayMs(deaths + 1)).toBeGreaterThanOrEqual(restartDelayMs(deaths));
    }),
  );
  expect(restartDelayMs(1)).toBe(250);
});

test('the count of crashes in a row starts again after a process ran for 30 seconds', () => {
  expect(deathsInARow(7, 30_000)).toBe(1);
  expect(deathsInARow(7, 29_999)).toBe(8);
});
