import fc from 'fast-check';
import { decideUpkeep } from '../../../activities/refresh/decide-upkeep.ts';
import type { AttemptOutcome } from '../../../activities/refresh/attempt.ts';
import type { CredentialFacts } from '../../../contracts/connection.ts';

export const SECOND_MS = 1_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const nowMs = Date.parse('2030-01-01T12:00:00.000Z');
export const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Of a connection that has been degraded for a while. */
export const degradedSince = iso(nowMs - HOUR_MS);

export type Attempted = Parameters<typeof decideUpkeep>[0];
export type Outcome<K extends AttemptOutcome['outcome']> = Extract<AttemptOutcome, { outcome: K }>;

export const problem = { code: 'cloud_unreachable', message: 'The cloud did not answer.', remedy: 'Wait.' };
export const warning = (code: string) => ({ code, message: 'Soon.', remedy: 'Renew it.' });
export const facts = (more: Partial<CredentialFacts> = {}): CredentialFacts => ({
  v: 1,
  generation: 2,
  issuedAt: iso(nowMs),
  expiresAt: iso(nowMs + HOUR_MS),
  nextRefreshAt: iso(nowMs + 0.8 * HOUR_MS),
  renewable: true,
  scopes: ['all'],
  ...more,
});
export const refreshed = (more: Partial<Outcome<'refreshed'>> = {}): AttemptOutcome => ({
  outcome: 'refreshed',
  facts: facts(),
  replayed: false,
  warnings: [],
  dueAtMs: nowMs,
  isHandedOut: true,
  ...more,
});
export const fresh = (more: Partial<CredentialFacts> = {}): AttemptOutcome => ({
  outcome: 'fresh',
  facts: facts(more),
});
export const decide = (
  outcome: AttemptOutcome,
  input: Partial<Attempted['input']> = {},
  more: Partial<Attempted> = {},
) =>
  decideUpkeep({
    input: { returnAt: iso(nowMs + DAY_MS), degradedSince: null, isRefused: false, knownWarnings: [], ...input },
    outcome,
    attempt: 1,
    nowMs,
    random: 0,
    discoverAtMs: null,
    ...more,
  });

/** What the workflow is told of an attempt that it must act on. */
export function told(...attempted: Parameters<typeof decide>) {
  const decision = decide(...attempted);
  if (decision.next !== 'return') throw new Error(`It asks again: ${decision.sentence}`);
  return decision.outcome;
}
/** The next attempt that is asked for. */
export function asksAgain(...attempted: Parameters<typeof decide>) {
  const decision = decide(...attempted);
  if (decision.next !== 'ask_again') throw new Error(`It tells the workflow: ${decision.outcome.outcome}.`);
  const { atMs, sentence, facts: known, problem: why } = decision;
  return { atMs, sentence, facts: known, ...(why && { problem: why }) };
}

export const within = (max: number) => fc.integer({ min: -max, max });
const moment = fc.option(within(3 * DAY_MS).map((offset) => iso(nowMs + offset)));
export const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
export const attempt = fc.integer({ min: 1, max: 5_000 });
export const anyFacts = fc.record({ expiresAt: moment, nextRefreshAt: moment }).map(facts);
export const anyFresh: fc.Arbitrary<AttemptOutcome> = anyFacts.chain((known) =>
  fc.constantFrom<AttemptOutcome>({ outcome: 'fresh', facts: known }, refreshed({ facts: known })),
);
export const anyOther: fc.Arbitrary<AttemptOutcome> = anyFacts.chain((known) => {
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
