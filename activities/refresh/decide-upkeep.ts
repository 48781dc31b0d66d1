import type { KeepFreshInput, KeepFreshOutcome } from '../../contracts/activities.ts';
import { backoffMs, jittered } from '../../contracts/backoff.ts';
import type { CredentialFacts } from '../../contracts/connection.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import { iso } from '../../contracts/time.ts';
import type { AttemptOutcome } from './attempt.ts';

const HOUR_MS = 60 * 60 * 1000;
/** After a refusal that may be the cloud's mistake, ask again this much later: only a lasting refusal is believed. */
export const DOUBT_SECONDS = 90;
/** The store is asked again after this time up to twice as much, so that not all connections ask at once. */
const STORE_AWAY_MS = 15 * 1000;

/** Until the next attempt to hand out a token. Readers still get the previous one, which is valid for a while. */
const HAND_OUT_MS = 10 * 1000;

/** What follows one attempt: a return to the workflow, or a later attempt with a sentence for operators. */
export type UpkeepDecision =
  | { readonly next: 'return'; readonly outcome: KeepFreshOutcome }
  | {
      readonly next: 'ask_again';
      readonly atMs: number;
      readonly sentence: string;
      readonly facts: CredentialFacts | null;
      readonly problem?: Problem;
    };

interface Attempted {
  readonly input: Pick<KeepFreshInput, 'returnAt' | 'degradedSince' | 'isRefused' | 'knownWarnings'>;
  readonly outcome: AttemptOutcome;
  /** Temporal's count of this activity's attempts, from 1. */
  readonly attempt: number;
  readonly nowMs: number;
  /** 0 ≤ x < 1. */
  readonly random: number;
  readonly discoverAtMs: number | null;
}

/** Pure: whether the workflow must act on the attempt, or when it is tried again. */
export function decideUpkeep(attempted: Attempted): UpkeepDecision {
  const { input, outcome, attempt, nowMs, random } = attempted;
  switch (outcome.outcome) {
    case 'refreshed': {
      const { facts, replayed, warnings, isHandedOut } = outcome;
      if (mustTell(attempted, outcome)) return tell({ outcome: 'fresh', facts, replayed, warnings });
      if (isHandedOut) return untilNext(attempted, facts);
      const problem = problems.storeUnavailable;
      return later(nowMs + HAND_OUT_MS, `Renewed, and not handed out yet: ${problem.message}`, { facts, problem });
    }
    case 'fresh':
      return input.degradedSince !== null || nowMs >= Date.parse(input.returnAt)
        ? tell({ outcome: 'fresh', facts: outcome.facts, replayed: false, warnings: null })
        : untilNext(attempted, outcome.facts);
    case 'busy':
      return later(
        nowMs + outcome.retryInSeconds * 1000,
        'Another attempt may be renewing it at this moment.',
        outcome,
      );
    case 'held': {
      const { held, facts } = outcome;
      return later(held.retryAtMs, held.problem.message, { facts, problem: held.problem });
    }
    case 'store_unavailable': {
      const problem = problems.storeUnavailable;
      return later(nowMs + STORE_AWAY_MS * (1 + random), problem.message, { ...outcome, problem });
    }
    case 'doubted':
      return later(nowMs + DOUBT_SECONDS * 1000, `Refused, and asked again: ${outcome.problem.message}`, outcome);
    case 'unavailable': {
      const { problem, retryAfterSeconds } = outcome;
      if (input.isRefused) return inAnHour(attempted, problem.message, outcome);
      if (input.degradedSince === null) return tell({ outcome: 'unavailable', problem, retryAfterSeconds });
      return later(nowMs + backoffMs(attempt, retryAfterSeconds, random), problem.message, outcome);
    }
    case 'sealed':
      return tell({ outcome: 'sealed', sealed: outcome.sealed, facts: outcome.facts });
    case 'refused':
      return input.isRefused && outcome.mayHeal
        ? inAnHour(attempted, `Still refused: ${outcome.problem.message}`, { facts: null, problem: outcome.problem })
        : tell(outcome);
  }
}

/** A renewal that changes what the workflow knows, or one after which the day is over anyway. */
function mustTell(
  { input, nowMs }: Attempted,
  { replayed, warnings }: Extract<AttemptOutcome, { outcome: 'refreshed' }>,
): boolean {
  const codes = warnings.map(({ code }) => code);
  const changed =
    codes.length !== input.knownWarnings.length || codes.some((code) => !input.knownWarnings.includes(code));
  return input.degradedSince !== null || replayed || changed || nowMs >= Date.parse(input.returnAt);
}

function untilNext({ input, nowMs, discoverAtMs }: Attempted, facts: CredentialFacts): UpkeepDecision {
  const renewAt = facts.nextRefreshAt ?? facts.expiresAt;
  const renewAtMs = renewAt === null ? Infinity : Date.parse(renewAt);
  const returnAtMs = Date.parse(input.returnAt);
  // A renewal shortly after the end of the day ends the day too: that saves an attempt.
  const wakeForDayMs = renewAtMs > returnAtMs && renewAtMs - returnAtMs <= HOUR_MS ? Infinity : returnAtMs;
  const atMs = Math.max(Math.min(renewAtMs, wakeForDayMs, discoverAtMs ?? Infinity), nowMs);
  return { next: 'ask_again', atMs, facts, sentence: sentenceOf(facts, renewAtMs) };
}

function sentenceOf({ expiresAt, nextRefreshAt }: CredentialFacts, renewAtMs: number): string {
  const fresh = expiresAt === null ? 'Works' : `Fresh until ${expiresAt}`;
  if (nextRefreshAt === null) return `${fresh}; there is nothing to renew it with.`;
  return `${fresh}; next ${expiresAt === null ? 'check' : 'renewal'} at ${iso(renewAtMs)}.`;
}

const inAnHour = (
  { nowMs, random }: Attempted,
  sentence: string,
  about: { readonly facts: CredentialFacts | null; readonly problem: Problem },
): UpkeepDecision => later(nowMs + jittered(HOUR_MS, random), sentence, about);

const tell = (outcome: Unversioned): UpkeepDecision => ({ next: 'return', outcome: { v: 1, ...outcome } });

function later(
  atMs: number,
  sentence: string,
  about: { readonly facts: CredentialFacts | null; readonly problem?: Problem },
): UpkeepDecision {
  const { facts, problem } = about;
  return { next: 'ask_again', atMs, sentence, facts, ...(problem ? { problem } : {}) };
}

type Unversioned = KeepFreshOutcome extends infer O ? (O extends { v: 1 } ? Omit<O, 'v'> : never) : never;
