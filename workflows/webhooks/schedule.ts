const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long after the attempt before each attempt is made, in milliseconds (Standard Webhooks 1.0.0, Retries). */
const delaysMs = [
  0,
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
] as const;

/** Each way, so that what failed together does not come back together. */
const JITTER = 0.1;

/**
 * Milliseconds until the next attempt; null = there is none. `made` attempts were made; `retryAfterSeconds` is what the
 * endpoint asked for: it may lengthen the delay, to a day at most. `random` is 0 ≤ x < 1.
 */
export function nextDelayMs(made: number, retryAfterSeconds: number | null, random: number): number | null {
  const delay = delaysMs[made];
  if (delay === undefined) return null;
  const own = Math.round(delay * (1 - JITTER + 2 * JITTER * random));
  const asked = Math.min((retryAfterSeconds ?? 0) * SECOND_MS, DAY_MS);
  return Math.max(own, asked);
}

/** A run lasts a day, so that its input and its memo are sealed under the newest key again. */
export const RUN_MS = DAY_MS;
