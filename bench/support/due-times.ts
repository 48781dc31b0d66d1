/**
 * When tokens fall due, steered from outside: only by the life that the cloud gives them. Mooring renews a token after
 * 80 % of its life, minus up to 10 % of that at random, and never more often than every five seconds.
 */
const RENEWED_AFTER = 0.8;
const JITTER = 0.1;
const MEAN_RENEWAL = RENEWED_AFTER * (1 - JITTER / 2);
const SHORTEST_CYCLE_SECONDS = 5;
const SHORTEST_LIFE_SECONDS = Math.ceil(SHORTEST_CYCLE_SECONDS / MEAN_RENEWAL);

/** A stretch of time that renewals shall be spread over. */
export interface DueWindow {
  readonly fromMs: number;
  readonly lengthMs: number;
}

/** The life of a token that is issued now and shall be renewed at about that moment. */
export const lifeSeconds = (dueAtMs: number, nowMs: number): number =>
  Math.max(SHORTEST_LIFE_SECONDS, Math.round((dueAtMs - nowMs) / 1000 / MEAN_RENEWAL));

/** Seconds from one renewal of a connection to its next, where all of them together ask for `perSecond`. */
export const cycleSeconds = (connections: number, perSecond: number): number =>
  Math.max(SHORTEST_CYCLE_SECONDS, connections / perSecond);

/** The bare loop keeps the same times. `random` is 0 ≤ x < 1. */
export const renewalDelayMs = (ttlSeconds: number, random: number): number =>
  Math.max(ttlSeconds * 1000 * RENEWED_AFTER * (1 - JITTER * random), SHORTEST_CYCLE_SECONDS * 1000);

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The n-th of any number of points that lie evenly in the window: multiples of the golden ratio, modulo its length. */
export const spreadOver = ({ fromMs, lengthMs }: DueWindow, n: number): number =>
  fromMs + ((n * GOLDEN) % 1) * lengthMs;
