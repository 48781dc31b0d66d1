import type { CredentialFacts, CredentialView } from './connection.ts';

const SECOND = 1000;

/** A cycle wakes at the latest after this long, however long the token lives: a daily token is proven hourly. */
const LONGEST_CYCLE_MS = 60 * 60 * SECOND;
/** A floor: a cloud that answers without a usable life must not be asked in a hot loop. */
const SHORTEST_CYCLE_MS = 5 * SECOND;
const SHARE_OF_LIFE = 0.8;
const JITTER = 0.1;

/**
 * Milliseconds until the next refresh: min(1 h, 80 % of the token's life), minus up to 10 % jitter.
 * `random` is 0 ≤ x < 1.
 */
export function refreshDelayMs(ttlSeconds: number | null, random: number): number {
  const life = ttlSeconds === null ? LONGEST_CYCLE_MS : ttlSeconds * SECOND * SHARE_OF_LIFE;
  return Math.round(Math.max(Math.min(LONGEST_CYCLE_MS, life) * (1 - JITTER * random), SHORTEST_CYCLE_MS));
}

/** Places facts in time by the workflow's own clock: an activity's machine may be wrong about the hour. */
export function placeCredential(facts: CredentialFacts, nowMs: number, random: number): CredentialView {
  const { ttlSeconds, lifetimeSeconds } = facts;
  const age = ttlSeconds === null || lifetimeSeconds === null ? 0 : Math.max(lifetimeSeconds - ttlSeconds, 0);
  return {
    ...facts,
    issuedAt: iso(nowMs - age * SECOND),
    expiresAt: ttlSeconds === null ? null : iso(nowMs + ttlSeconds * SECOND),
    nextRefreshAt: facts.renewable ? iso(nowMs + refreshDelayMs(ttlSeconds, random)) : null,
  };
}

export const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
