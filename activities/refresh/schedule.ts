import { jittered } from '../../contracts/backoff.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** A credential is renewed or checked at least this often, however long it is valid, unless its manifest differs. */
const LONGEST_CYCLE_MS = HOUR_MS;
/** A floor: a cloud that issues credentials without a usable life must not be asked in a hot loop. */
const SHORTEST_CYCLE_MS = 5 * SECOND_MS;
const SHARE_OF_LIFE = 0.8;

/**
 * Milliseconds until the next renewal: min(1 h or the manifest's longest cycle, 80 % of the life), minus up to 10 %
 * jitter so that connections made together do not stay together. `random` is 0 ≤ x < 1.
 */
export function refreshDelayMs(lifetimeSeconds: number | null, random: number, longestCycleSeconds?: number): number {
  const longest = longestCycleSeconds === undefined ? LONGEST_CYCLE_MS : longestCycleSeconds * SECOND_MS;
  const life = lifetimeSeconds === null ? longest : lifetimeSeconds * SECOND_MS * SHARE_OF_LIFE;
  return Math.round(Math.max(jittered(Math.min(longest, life), random), SHORTEST_CYCLE_MS));
}
