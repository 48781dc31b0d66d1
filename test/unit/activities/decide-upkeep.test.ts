import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideUpkeep } from '../../../activities/refresh/decide-upkeep.ts';
import type { AttemptOutcome } from '../../../activities/refresh/protocol.ts';
import type { CredentialFacts } from '../../../workflows/contracts/connection.ts';
import { problems } from '../../../workflows/contracts/problem.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const nowMs = Date.parse('2030-01-01T12:00:00.000Z');
const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Of a connection that has been degraded for a while. */
const degradedSince = iso(nowMs - HOUR_MS);

type Attempted = Parameters<typeof decideUpkeep>[0];
type Outcome<K extends AttemptOutcome['outcome']> = Extract<AttemptOutcome, { outcome: K }>;

const problem = { code: 'cloud_unreachable', message: 'The cloud did not answer.', remedy: 'Wait.' };
const warning = (code: string) => ({ code, message: 'Soon.', remedy: 'Renew it.' });
const facts = (more: Partial<CredentialFacts> = {}): CredentialFacts => ({
  v: 1,
  generation: 2,
  issuedAt: iso(nowMs),
  expiresAt: iso(nowMs + HOUR_MS),
  nextRefreshAt: iso(nowMs + 0.8 * HOUR_MS),
  renewable: true,
  scopes: ['all'],
  ...more,
});
const refreshed = (more: Partial<Outcome<'refreshed'>> = {}): AttemptOutcome => ({
  outcome: 'refreshed',
  facts: facts(),
  replayed: false,
  warnings: [],
  dueAtMs: nowMs,
  isHandedOut: true,
  ...more,
});
const fresh = (more: Partial<CredentialFacts> = {}): AttemptOutcome => ({ outcome: 'fresh', facts: facts(more) });
const decide = (outcome: AttemptOutcome, input: Partial<Attempted['input']> = {}, more: Partial<Attempted> = {}) =>
  decideUpkeep({
    input: { returnAt: iso(nowMs + DAY_MS), degradedSince: null, knownWarnings: [], ...input },
    outcome,
    attempt: 1,
    nowMs,
    random: 0,
    discoverAtMs: null,
    ...more,
  });

/** What the workflow is told of an attempt that it must act on. */
function told(...attempted: Parameters<typeof decide>) {
  const decision = decide(...attempted);
  if (decision.then !== 'return') throw new Error(`It asks again: ${decision.sentence}`);
  return decision.outcome;
}
/** The next attempt that is asked for. */
function asksAgain(...attempted: Parameters<typeof decide>) {
  const decision = decide(...attempted);
  if (decision.then !== 'ask_again') throw new Error(`It tells the workflow: ${decision.outcome.outcome}.`);
  const { atMs, sentence, facts: known, problem: why } = decision;
  return { atMs, sentence, facts: known, ...(why && { problem: why }) };
}

const within = (max: number) => fc.integer({ min: -max, max });
const moment = fc.option(within(3 * DAY_MS).map((offset) => iso(nowMs + offset)));
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const attempt = fc.integer({ min: 1, max: 5_000 });
const anyFacts = fc.record({ expiresAt: moment, nextRefreshAt: moment }).map(facts);
const anyFresh: fc.Arbitrary<AttemptOutcome> = anyFacts.chain((known) =>
  fc.constantFrom<AttemptOutcome>({ outcome: 'fresh', facts: known }, refreshed({ facts: known })),
);
const anyOther: fc.Arbitrary<AttemptOutcome> = anyFacts.chain((known) => {
  const retryAfterSeconds = fc.option(fc.nat({ max: 1_000_000 }));
  return fc.oneof(
    fc
      .integer({ min: 1, max: 60 })
      .map((retryInSeconds) => ({ outcome: 'busy' as const, retryInSeconds, facts: known })),
    fc.constant({ outcome: 'store_unavailable' as const, facts: null }),
    fc.constant({ outcome: 'doubted' as const, problem, facts: known }),
    retryAfterSeconds.map((seconds) => ({
      outcome: 'unavailable' as const,
      problem,
      retryAfterSeconds: seconds,
      facts: known,
    })),
  );
});

describe('when upkeep is tried again', () => {
  test('with a fresh credential: never in the past, never after the renewal, never an hour after the day', () => {
    fc.assert(
      fc.property(
        anyFresh,
        within(2 * DAY_MS),
        fc.option(within(3 * DAY_MS)),
        random,
        attempt,
        (outcome, dayEnds, discovery, x, tries) => {
          const returnAt = nowMs + dayEnds;
          const decision = decide(
            outcome,
            { returnAt: iso(returnAt) },
            { discoverAtMs: discovery === null ? null : nowMs + discovery, random: x, attempt: tries },
          );
          expect(decision.then).toBe(returnAt <= nowMs ? 'return' : 'ask_again');
          if (decision.then === 'return') return;
          expect(decision.atMs).toBeGreaterThanOrEqual(nowMs);
          expect(decision.atMs).toBeLessThanOrEqual(returnAt + HOUR_MS);
          const { nextRefreshAt, expiresAt } = decision.facts ?? facts();
          const renewAt = nextRefreshAt ?? expiresAt;
          if (renewAt !== null) expect(decision.atMs).toBeLessThanOrEqual(Math.max(Date.parse(renewAt), nowMs));
          if (discovery !== null) expect(decision.atMs).toBeLessThanOrEqual(Math.max(nowMs + discovery, nowMs));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('with anything else: never in the past, and within the hour that a cloud may ask for', () => {
    fc.assert(
      fc.property(anyOther, fc.boolean(), random, attempt, (outcome, degraded, x, tries) => {
        const decision = decide(
          outcome,
          { degradedSince: degraded ? degradedSince : null },
          { random: x, attempt: tries },
        );
        const isTold = outcome.outcome === 'unavailable' && !degraded;
        expect(decision.then).toBe(isTold ? 'return' : 'ask_again');
        if (decision.then === 'return') return;
        expect(decision.atMs).toBeGreaterThan(nowMs);
        expect(decision.atMs).toBeLessThanOrEqual(nowMs + HOUR_MS);
      }),
    );
  });

  test('after the renewal that ends the day anyway, and not just before it for the day’s sake', () => {
    const renewAt = (offset: number) => fresh({ nextRefreshAt: iso(nowMs + 10 * HOUR_MS + offset) });
    const returnAt = iso(nowMs + 10 * HOUR_MS);
    expect(decide(renewAt(HOUR_MS), { returnAt })).toMatchObject({ atMs: nowMs + 11 * HOUR_MS });
    expect(decide(renewAt(HOUR_MS + 1), { returnAt })).toMatchObject({ atMs: nowMs + 10 * HOUR_MS });
    expect(decide(renewAt(-1), { returnAt })).toMatchObject({ atMs: nowMs + 10 * HOUR_MS - 1 });
  });

  test('at the end of the day, where nothing is ever renewed and nothing expires', () => {
    expect(asksAgain(fresh({ nextRefreshAt: null, expiresAt: null })).atMs).toBe(nowMs + DAY_MS);
  });

  test('at the expiry of what can not be renewed', () => {
    expect(asksAgain(fresh({ nextRefreshAt: null, expiresAt: iso(nowMs + 90_000) })).atMs).toBe(nowMs + 90_000);
  });

  test('when the next discovery is due, if that comes first', () => {
    const discoverAtMs = nowMs + 60_000;
    expect(decide(fresh(), {}, { discoverAtMs })).toMatchObject({ atMs: discoverAtMs });
    expect(decide(fresh(), {}, { discoverAtMs: nowMs + DAY_MS })).toMatchObject({ atMs: nowMs + 0.8 * HOUR_MS });
  });

  test('when the provider lets it in again, with its reason', () => {
    const held = { state: 'open' as const, retryAtMs: nowMs + 77_000, problem };
    expect(asksAgain({ outcome: 'held', held, facts: facts() })).toEqual({
      atMs: nowMs + 77_000,
      sentence: problem.message,
      facts: facts(),
      problem,
    });
  });

  test('after the other attempt has surely ended, with its facts', () => {
    const decision = asksAgain({ outcome: 'busy', retryInSeconds: 4, facts: facts() });
    expect(decision).toMatchObject({ atMs: nowMs + 4_000, facts: { generation: 2 } });
    expect(decision).not.toHaveProperty('problem');
  });

  test('a minute and a half later, where a refusal is doubted: a cloud’s short mistake troubles no person', () => {
    expect(asksAgain({ outcome: 'doubted', problem, facts: facts() })).toMatchObject({ atMs: nowMs + 90_000, problem });
  });

  test('in seconds, where what was issued is stored and not handed out yet', () => {
    const decision = asksAgain(refreshed({ isHandedOut: false }));
    expect(decision).toMatchObject({
      atMs: nowMs + 10_000,
      facts: { generation: 2 },
      problem: problems.storeUnavailable,
    });
    expect(told(refreshed({ isHandedOut: false, replayed: true }))).toMatchObject({ outcome: 'fresh' });
  });

  test('while the secret store is away: from 10 s to 5 minutes, doubling, whatever else, and never is that told', () => {
    const at = (tries: number, x: number) => {
      const decision = asksAgain({ outcome: 'store_unavailable', facts: null }, {}, { attempt: tries, random: x });
      expect(decision.problem).toBe(problems.storeUnavailable);
      return decision.atMs - nowMs;
    };
    expect([1, 2, 3, 4, 5, 6, 7].map((tries) => at(tries, 0))).toEqual(
      [10, 20, 40, 80, 160, 300, 300].map((seconds) => seconds * SECOND_MS),
    );
    fc.assert(
      fc.property(attempt, random, (tries, x) => {
        expect(at(tries, x)).toBeGreaterThanOrEqual(9 * SECOND_MS);
        expect(at(tries, x)).toBeLessThanOrEqual(300 * SECOND_MS);
      }),
    );
  });
});

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
        expect(decision.then).toBe(same ? 'ask_again' : 'return');
        if (decision.then === 'return') expect(decision.outcome).toMatchObject({ warnings: now.map(warning) });
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
