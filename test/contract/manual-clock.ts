import type { Clock } from '../../platform/clock.ts';

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  advance(seconds: number): void;
}

export function createManualClock(start = Date.parse('2026-11-23T08:00:00Z')): ManualClock {
  let now = start;
  return {
    now: () => now,
    advance: (seconds) => {
      now += seconds * 1_000;
    },
  };
}
