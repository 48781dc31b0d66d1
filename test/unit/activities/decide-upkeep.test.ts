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

describe('when upkeep is retried', () => {
  test('upkeep of a fresh credential is never retried in the past, after its renewal, or an hour after the day', () => {
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

  test('upkeep without a fresh credential is never retried in the past, and always within an hour', () => {
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

  test('upkeep is not retried at the end of the day where a renewal within the next hour ends the day too', () => {
    const renewAt = (offset: number) => fresh({ nextRefreshAt: iso(nowMs + 10 * HOUR_MS + offset) });
    const returnAt = iso(nowMs + 10 * HOUR_MS);
    expect(decide(renewAt(HOUR_MS), { returnAt })).toMatchObject({ atMs: nowMs + 11 * HOUR_MS });
    expect(decide(renewAt(HOUR_MS + 1), { returnAt })).toMatchObject({ atMs: nowMs + 10 * HOUR_MS });
    expect(decide(renewAt(-1), { returnAt })).toMatchObject({ atMs: nowMs + 10 * HOUR_MS - 1 });
  });

  test('upkeep is retried at the end of the day where nothing is renewed and nothing expires', () => {
    expect(asksAgain(fresh({ nextRefreshAt: null, expiresAt: null })).atMs).toBe(nowMs + DAY_MS);
  });

  test('upkeep is retried at the expiry of a credential that cannot be renewed', () => {
    expect(asksAgain(fresh({ nextRefreshAt: null, expiresAt: iso(nowMs + 90_000) })).atMs).toBe(nowMs + 90_000);
  });

  test('upkeep is retried when the next discovery is due, if that comes first', () => {
    const discoverAtMs = nowMs + 60_000;
    expect(decide(fresh(), {}, { discoverAtMs })).toMatchObject({ atMs: discoverAtMs });
    expect(decide(fresh(), {}, { discoverAtMs: nowMs + DAY_MS })).toMatchObject({ atMs: nowMs + 0.8 * HOUR_MS });
  });

  test('upkeep that the provider gate holds is retried when the gate lets it in, with the gate’s reason', () => {
    const held = { state: 'open' as const, retryAtMs: nowMs + 77_000, problem };
    expect(asksAgain({ outcome: 'held', held, facts: facts() })).toEqual({
      atMs: nowMs + 77_000,
      sentence: problem.message,
      facts: facts(),
      problem,
    });
  });

  test('upkeep beside another attempt is retried once that attempt must have ended', () => {
    const decision = asksAgain({ outcome: 'busy', retryInSeconds: 4, facts: facts() });
    expect(decision).toMatchObject({ atMs: nowMs + 4_000, facts: { generation: 2 } });
    expect(decision).not.toHaveProperty('problem');
  });

  test('a doubted refusal is retried after 90 seconds, so that a short error of the cloud requires no action', () => {
    expect(asksAgain({ outcome: 'doubted', problem, facts: facts() })).toMatchObject({ atMs: nowMs + 90_000, problem });
  });

  test('a refusal that may heal is retried every hour, also while the cloud is unavailable', () => {
    const refusedBefore = { isRefused: true, degradedSince: iso(nowMs - DAY_MS) };
    const refusal = { outcome: 'refused', problem, mayHeal: true } as const;
    const outage = { outcome: 'unavailable', problem, retryAfterSeconds: 5, facts: facts() } as const;
    expect(asksAgain(refusal, refusedBefore)).toMatchObject({ atMs: nowMs + 3_600_000, problem });
    expect(asksAgain(outage, refusedBefore)).toMatchObject({ atMs: nowMs + 3_600_000, problem });
    expect(told(refusal)).toEqual({ v: 1, ...refusal });
    expect(told({ outcome: 'refused', problem }, refusedBefore)).toMatchObject({ outcome: 'refused' });
    expect(told(refreshed(), refusedBefore)).toMatchObject({ outcome: 'fresh' });
  });

  test('upkeep is retried in seconds where the new credential is stored but not handed out yet', () => {
    const decision = asksAgain(refreshed({ isHandedOut: false }));
    expect(decision).toMatchObject({
      atMs: nowMs + 10_000,
      facts: { generation: 2 },
      problem: problems.storeUnavailable,
    });
    expect(told(refreshed({ isHandedOut: false, replayed: true }))).toMatchObject({ outcome: 'fresh' });
  });

  test('upkeep without the secret store is retried in 15 to 30 s at any attempt, and never returns', () => {
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
