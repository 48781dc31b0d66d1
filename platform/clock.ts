/** The clock, injected because time-skipped tests run in another year than the machine. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** `expiresAt` and its siblings are ISO 8601 strings in UTC everywhere but in the stored credential record. */
export { iso as isoAt } from '../contracts/time.ts';
