/** Shorter delays are normal: workers restart, and a provider's queue is behind after an outage of a few seconds. */
const LATE_MS = 2 * 60 * 1000;

/**
 * A workflow task at this attempt will keep failing. Two failures are normal: the first attempt may be lost with its
 * worker, the second during a deployment.
 */
export const STUCK_ATTEMPTS = 3;

/** Both in Unix milliseconds. */
export const isLate = (dueAtMs: number, nowMs: number): boolean => nowMs - dueAtMs > LATE_MS;
