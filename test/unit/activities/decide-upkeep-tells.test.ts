import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttemptOutcome } from '../../../activities/refresh/attempt.ts';
import {
  SECOND_MS,
  HOUR_MS,
  DAY_MS,
  nowMs,
  iso,
  degradedSince,
  problem,
  warning,
  facts,
  refreshed,
  fresh,
  decide,
  told,
  asksAgain,
  random,
  attempt,
  anyFacts,
} from './upkeep-decisions.ts';

describe('what upkeep returns to the workflow', () => {
  test('upkeep returns to the workflow once the day is over, and not before', () => {
    for (const outcome of [fresh(), refreshed()]) {
      expect(told(outcome, { returnAt: iso(nowMs) })).toMatchObject({
        v: 1,
        outcome: 'fresh',
        facts: { generation: 2 },
      });
      expect(asksAgain(outcome, { returnAt: iso(nowMs + 1) }).atMs).toBe(nowMs + 0.8 * HOUR_MS);
    }
  });

  test('upkeep returns when a degraded connection is fresh again, by its own renewal or by another one', () => {
    expect(told(refreshed(), { degradedSince })).toMatchObject({ outcome: 'fresh', warnings: [] });
    expect(told(fresh(), { degradedSince })).toMatchObject({ outcome: 'fresh', warnings: null });
  });

  test('upkeep returns when a response was lost and the renewal was repeated', () => {
    expect(told(refreshed({ replayed: true }))).toMatchObject({ outcome: 'fresh', replayed: true });
  });

  test('upkeep returns when the warnings have changed, and not when the workflow knows all of them already', () => {
    const codes = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
    fc.assert(
      fc.property(codes, codes, (known, now) => {
        const decision = decide(refreshed({ warnings: now.map(warning) }), { knownWarnings: known });
        const same = known.length === now.length && known.every((code) => now.includes(code));
        expect(decision.next).toBe(same ? 'ask_again' : 'return');
        if (decision.next === 'return') expect(decision.outcome).toMatchObject({ warnings: now.map(warning) });
      }),
    );
  });

  test('upkeep returns an unavailable cloud only once, and is retried where the connection is degraded already', () => {
    const unavailable: AttemptOutcome = { outcome: 'unavailable', problem, retryAfterSeconds: 7, facts: facts() };
    expect(told(unavailable)).toEqual({ v: 1, outcome: 'unavailable', problem, retryAfterSeconds: 7 });
    expect(asksAgain(unavailable, { degradedSince })).toMatchObject({ problem });
  });

  test('upkeep of a degraded connection does not return an unavailable cloud even at the end of the day', () => {
    const unavailable: AttemptOutcome = { outcome: 'unavailable', problem, retryAfterSeconds: null, facts: facts() };
    expect(asksAgain(unavailable, { degradedSince, returnAt: iso(nowMs - DAY_MS) })).toMatchObject({ problem });
  });

  test('upkeep returns a refusal and a sealed reply to the workflow', () => {
    expect(told({ outcome: 'refused', problem })).toEqual({ v: 1, outcome: 'refused', problem });
    const sealed = { envelope: 'k1.sealed', attemptId: 'attempt', generation: 3 };
    expect(told({ outcome: 'sealed', sealed, facts: facts() })).toEqual({
      v: 1,
      outcome: 'sealed',
      sealed,
      facts: facts(),
    });
  });
});

describe('a degraded connection', () => {
  const retry = (retryAfterSeconds: number | null, tries: number, x: number): number => {
    const outcome: AttemptOutcome = { outcome: 'unavailable', problem, retryAfterSeconds, facts: facts() };
    return asksAgain(outcome, { degradedSince }, { attempt: tries, random: x }).atMs - nowMs;
  };

  test('a degraded connection is retried within five minutes', () => {
    fc.assert(
      fc.property(attempt, random, (tries, x) => {
        expect(retry(null, tries, x)).toBeGreaterThanOrEqual(9 * SECOND_MS);
        expect(retry(null, tries, x)).toBeLessThanOrEqual(300 * SECOND_MS);
      }),
    );
  });

  test('a degraded connection is not retried before the time that the cloud asked for, up to an hour', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), attempt, random, (seconds, tries, x) => {
        expect(retry(seconds, tries, x)).toBeGreaterThanOrEqual(Math.min(seconds * SECOND_MS, HOUR_MS));
        expect(retry(seconds, tries, x)).toBeLessThanOrEqual(HOUR_MS);
      }),
    );
  });
});

describe('what an operator reads beside the pending activity', () => {
  test.each([
    [facts(), `Fresh until ${iso(nowMs + HOUR_MS)}; next renewal at ${iso(nowMs + 0.8 * HOUR_MS)}.`],
    [facts({ expiresAt: null }), `Works; next check at ${iso(nowMs + 0.8 * HOUR_MS)}.`],
    [facts({ nextRefreshAt: null }), `Fresh until ${iso(nowMs + HOUR_MS)}; there is nothing to renew it with.`],
    [facts({ nextRefreshAt: null, expiresAt: null }), 'Works; there is nothing to renew it with.'],
  ])('the sentence beside the pending activity describes %o', (known, sentence) => {
    expect(decide({ outcome: 'fresh', facts: known })).toMatchObject({ sentence });
  });

  test('the sentence beside the pending activity has at most 200 characters for any facts', () => {
    fc.assert(
      fc.property(anyFacts, (known) => {
        const { sentence } = asksAgain({ outcome: 'fresh', facts: known });
        expect(sentence.length).toBeLessThanOrEqual(200);
      }),
    );
  });
});
