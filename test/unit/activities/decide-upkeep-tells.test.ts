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

describe('what the workflow is told', () => {
  test('that the day is over', () => {
    for (const outcome of [fresh(), refreshed()]) {
      expect(told(outcome, { returnAt: iso(nowMs) })).toMatchObject({
        v: 1,
        outcome: 'fresh',
        facts: { generation: 2 },
      });
      expect(asksAgain(outcome, { returnAt: iso(nowMs + 1) }).atMs).toBe(nowMs + 0.8 * HOUR_MS);
    }
  });

  test('that a degraded connection is fresh again, by its own renewal or by another one', () => {
    expect(told(refreshed(), { degradedSince })).toMatchObject({ outcome: 'fresh', warnings: [] });
    expect(told(fresh(), { degradedSince })).toMatchObject({ outcome: 'fresh', warnings: null });
  });

  test('that an answer was lost and the renewal was repeated', () => {
    expect(told(refreshed({ replayed: true }))).toMatchObject({ outcome: 'fresh', replayed: true });
  });

  test('that warnings have come, gone or changed, and nothing where they are the ones that it knows', () => {
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

  test('that the cloud is unavailable, once: a degraded connection waits for itself', () => {
    const unavailable: AttemptOutcome = { outcome: 'unavailable', problem, retryAfterSeconds: 7, facts: facts() };
    expect(told(unavailable)).toEqual({ v: 1, outcome: 'unavailable', problem, retryAfterSeconds: 7 });
    expect(asksAgain(unavailable, { degradedSince })).toMatchObject({ problem });
  });

  test('that the cloud is unavailable, not even at the end of the day where it is degraded already', () => {
    const unavailable: AttemptOutcome = { outcome: 'unavailable', problem, retryAfterSeconds: null, facts: facts() };
    expect(asksAgain(unavailable, { degradedSince, returnAt: iso(nowMs - DAY_MS) })).toMatchObject({ problem });
  });

  test('that it was refused, and that a reply is sealed', () => {
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

  test('is tried again within five minutes', () => {
    fc.assert(
      fc.property(attempt, random, (tries, x) => {
        expect(retry(null, tries, x)).toBeGreaterThanOrEqual(9 * SECOND_MS);
        expect(retry(null, tries, x)).toBeLessThanOrEqual(300 * SECOND_MS);
      }),
    );
  });

  test('is not tried before the cloud asked for, up to an hour', () => {
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
  ])('of %o', (known, sentence) => {
    expect(decide({ outcome: 'fresh', facts: known })).toMatchObject({ sentence });
  });

  test('is one sentence of at most 200 characters, whatever the facts', () => {
    fc.assert(
      fc.property(anyFacts, (known) => {
        const { sentence } = asksAgain({ outcome: 'fresh', facts: known });
        expect(sentence.length).toBeLessThanOrEqual(200);
      }),
    );
  });
});
