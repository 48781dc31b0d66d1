const SECOND_MS = 1000;
const FIRST_BACKOFF_MS = 10 * SECOND_MS;
const LONGEST_BACKOFF_MS = 5 * 60 * SECOND_MS;
const LONGEST_RETRY_AFTER_MS = 60 * 60 * SECOND_MS;
const JITTER = 0.1;

/** Up to 10 % less, so that what begins together does not stay together. `random` is 0 ≤ x < 1. */
export const jittered = (milliseconds: number, random: number): number => milliseconds * (1 - JITTER * random);

/**
 * Milliseconds until a failed renewal is tried again: doubling from 10 s to 5 minutes, or as the cloud asked
 * (`Retry-After`, at most an hour). `failures` counts from 0; `random` is 0 ≤ x < 1.
 */
export function backoffMs(failures: number, retryAfterSeconds: number | null, random: number): number {
  const own = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(Math.max(failures, 0), 10));
  const asked = Math.min((retryAfterSeconds ?? 0) * SECOND_MS, LONGEST_RETRY_AFTER_MS);
  return Math.round(Math.max(jittered(own, random), asked));
}
