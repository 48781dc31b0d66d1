import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problems } from '../../../contracts/problem.ts';
import {
  SECOND_MS,
  HOUR_MS,
  DAY_MS,
  nowMs,
  iso,
  degradedSince,
  problem,
  facts,
  refreshed,
  fresh,
  decide,
  told,
  asksAgain,
  within,
  random,
  attempt,
  anyFresh,
  anyOther,
} from './upkeep-decisions.ts';

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
          expect(decision.next).toBe(returnAt <= nowMs ? 'return' : 'ask_again');
          if (decision.next === 'return') return;
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
        expect(decision.next).toBe(isTold ? 'return' : 'ask_again');
        if (decision.next === 'return') return;
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

  test('at the expiry of what cannot be renewed', () => {
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

  test('while the secret store is away: in 15 to 30 s, however often it was asked, and never is that told', () => {
    fc.assert(
      fc.property(attempt, random, (tries, x) => {
        const decision = asksAgain({ outcome: 'store_unavailable', facts: null }, {}, { attempt: tries, random: x });
        expect(decision.problem).toBe(problems.storeUnavailable);
        expect(decision.atMs - nowMs).toBeGreaterThanOrEqual(15 * SECOND_MS);
        expect(decision.atMs - nowMs).toBeLessThan(30 * SECOND_MS + 1);
      }),
    );
  });
});
