import { describe, expect, it } from 'vitest';
import { nextDelayMs } from '../../../workflows/webhooks/schedule.ts';

/** As the contract has it, in seconds. */
const SCHEDULE = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
const DAY_MS = 86_400_000;

describe('the schedule of a delivery', () => {
  it.each(SCHEDULE.map((seconds, made) => ({ made, seconds })))(
    'after $made attempts the next one is made in $seconds s, a tenth more or less',
    ({ made, seconds }) => {
      const delays = [0, 0.5, 1].map((random) => nextDelayMs(made, null, random));
      expect(delays).toEqual([seconds * 900, seconds * 1_000, seconds * 1_100]);
    },
  );

  it('there is no eleventh attempt', () => {
    expect(nextDelayMs(10, null, 0.5)).toBeNull();
    expect(nextDelayMs(10, 60, 0.5)).toBeNull();
  });

  it('what the endpoint asks for lengthens a delay exactly, up to a day, and never shortens one', () => {
    expect([3_600, 1, 1e9].map((seconds) => nextDelayMs(1, seconds, 0.5))).toEqual([3_600_000, 5_000, DAY_MS]);
  });
});
