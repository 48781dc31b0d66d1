import { Context, type Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import { gateKey } from '../../stores/provider-states.ts';
import {
  failureTypes,
  type ConnectionActivities,
  type KeepFreshInput,
  type UpkeepReport,
} from '../../contracts/activities.ts';
import type { ConnectionRef, CredentialFacts, Freshness } from '../../contracts/connection.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { publishFirst } from '../publish-news.ts';
import type { AttemptOutcome } from './attempt.ts';
import { tellInAttempt, wasNotTold } from '../webhooks/tell-events.ts';
import { decideUpkeep, type UpkeepDecision } from './decide-upkeep.ts';
import type { RefreshProtocol } from './protocol.ts';

const MINUTE_MS = 60_000;
/** Endpoints that could not be told are told this much later, up to twice as much. */
const TELL_AGAIN_MS = 15_000;
/** Longer than any time between two renewals, which is an hour at most, unless a manifest has longer cycles. */
const FACTS_TTL_SECONDS = 45 * 24 * 60 * 60;

/**
 * The durable loop of upkeep. An attempt renews the credential if that is due. It then fails on purpose, with the next
 * renewal's time as the retry delay, so that a cycle adds nothing to the history and wakes no workflow. It returns when
 * the workflow must act, and once a day.
 */
export function createKeepFresh(
  deps: ActivityDependencies,
  refresh: RefreshProtocol,
): ConnectionActivities['keepFresh'] {
  return async (input) => {
    const context = Context.current();
    const telling = tellInAttempt(deps, input, context);
    try {
      const decision = await attemptOnce(input, context.info);
      const told = await telling;
      if (decision.next === 'return') return { ...decision.outcome, ...told };
      const nowMs = deps.clock.now();
      const latestMs = told.told === false ? nowMs + TELL_AGAIN_MS * (1 + deps.random()) : Infinity;
      throw askAgain({ ...decision, atMs: Math.min(decision.atMs, latestMs), nowMs });
    } catch (error) {
      // So that the next attempt knows whether they are told.
      await telling;
      if (error instanceof ApplicationFailure) throw error;
      // A bug, or a deployment that lacks this method. Retried every minute, because a later build may succeed.
      const { id, provider } = input.connection;
      deps.logger.error({ err: error, connection: id, provider }, 'Upkeep failed in a way that is not known.');
      const nowMs = deps.clock.now();
      const problem = problems.internal;
      throw askAgain({ atMs: nowMs + MINUTE_MS, nowMs, sentence: problem.message, facts: null, problem });
    }
  };

  async function attemptOnce(input: KeepFreshInput, info: Info): Promise<UpkeepDecision> {
    const { attempt } = info;
    const nowMs = deps.clock.now();
    if (!isKnown(input)) {
      const sentence = 'This worker does not know this kind of upkeep; a newer one takes it up.';
      return { next: 'ask_again', atMs: nowMs + MINUTE_MS, sentence, facts: null };
    }
    await publishFirst(deps, input.connection, input.news, attempt);
    const isForTelling = isScheduledWithIt(info) || wasNotTold(info);
    if (input.notBefore !== null && Date.parse(input.notBefore) > nowMs && isForTelling) {
      const sentence = `Next try at ${input.notBefore}.`;
      return { next: 'ask_again', atMs: Date.parse(input.notBefore), sentence, facts: null };
    }
    const outcome = await refresh(input.connection, { when: 'due', degradedSince: input.degradedSince });
    deps.observer.attempted(input.connection.provider, outcome.outcome, secondsLate(outcome, nowMs));
    if (outcome.outcome === 'refreshed') await publishFacts(deps, input.connection, outcome.facts);
    return decideUpkeep({
      input,
      outcome: await heldBy(deps, input.connection, outcome),
      attempt,
      nowMs: deps.clock.now(),
      random: deps.random(),
      discoverAtMs: await discoverIfDue(deps, input, outcome),
    });
  }
}

const isKnown = (input: KeepFreshInput): boolean => {
  const { v }: { readonly v: number } = input;
  return v === 1;
};

/**
 * False for an attempt that an operator requested ("try now" resets the activity, and its count of attempts starts
 * again), and for every later attempt. Only for the first attempt does the server set both times to the same event's.
 */
const isScheduledWithIt = ({ scheduledTimestampMs, currentAttemptScheduledTimestampMs }: Info): boolean =>
  currentAttemptScheduledTimestampMs === scheduledTimestampMs;

/** How long after it was due a renewal began; null where none took place. */
const secondsLate = (outcome: AttemptOutcome, beganAtMs: number): number | null =>
  outcome.outcome === 'refreshed' && outcome.dueAtMs !== null ? Math.max(beganAtMs - outcome.dueAtMs, 0) / 1000 : null;

/** A failure that has opened the provider's gate is the provider's, and must not degrade this connection. */
async function heldBy(
  { gate }: ActivityDependencies,
  { provider, region }: ConnectionRef,
  outcome: AttemptOutcome,
): Promise<AttemptOutcome> {
  if (outcome.outcome !== 'unavailable') return outcome;
  const held = await gate.afterFailure(gateKey(provider, region));
  return held ? { outcome: 'held', held, facts: outcome.facts } : outcome;
}

/** When the next discovery is due, in Unix milliseconds; null if none is scheduled, or the credential is not fresh. */
async function discoverIfDue(
  { startDiscoveryIfDue }: ActivityDependencies,
  { connection, discovery, degradedSince }: KeepFreshInput,
  { outcome }: AttemptOutcome,
): Promise<number | null> {
  if (!discovery || degradedSince !== null || (outcome !== 'refreshed' && outcome !== 'fresh')) return null;
  const { nextAt } = await startDiscoveryIfDue(connection, discovery);
  return nextAt === null ? null : Date.parse(nextAt);
}

/** For lists of connections, which do not read pending activities. Best effort: the next renewal publishes again. */
export async function publishFacts(
  { ephemeral, logger }: Pick<ActivityDependencies, 'ephemeral' | 'logger'>,
  { id }: ConnectionRef,
  { v, generation, issuedAt, expiresAt, nextRefreshAt }: CredentialFacts,
): Promise<void> {
  const facts: Freshness = { v, generation, issuedAt, expiresAt, nextRefreshAt };
  try {
    await ephemeral.put(ephemeralKeys.facts(id), facts as unknown as Json, FACTS_TTL_SECONDS);
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.debug({ err: error, connection: id }, 'New facts were not published: the ephemeral store does not answer.');
  }
}

/** Of the message, which the Temporal UI shows beside the pending activity. */
const MESSAGE_CHARACTERS = 200;
/** Of a problem's texts. The server drops the details of a failure above about 3.8 KB, and sealing enlarges them. */
const PROBLEM_CHARACTERS = 200;
/** A delay of zero would mean the delay of the retry policy. */
const SHORTEST_DELAY_MS = 1_000;

/**
 * The failure by which `keepFresh` asks for a retry at a given time. It is benign (no warning, no failure metric) and
 * small (no stack, no cause): the server keeps it for as long as the activity waits.
 */
export function askAgain(ask: {
  readonly atMs: number;
  readonly nowMs: number;
  /** One sentence for the operator who looks at the pending activity. */
  readonly sentence: string;
  readonly facts: CredentialFacts | null;
  readonly problem?: Problem;
}): ApplicationFailure {
  const { atMs, nowMs, sentence, facts, problem } = ask;
  const failure = ApplicationFailure.create({
    type: failureTypes.askAgain,
    message: cut(sentence, MESSAGE_CHARACTERS),
    category: 'BENIGN',
    nextRetryDelay: Math.max(Math.round(atMs - nowMs), SHORTEST_DELAY_MS),
    details: [reportOf(facts, problem)],
  });
  failure.stack = '';
  return failure;
}

function reportOf(facts: CredentialFacts | null, problem: Problem | undefined): UpkeepReport {
  return {
    v: 1,
    ...(facts && {
      generation: facts.generation,
      issuedAt: facts.issuedAt,
      expiresAt: facts.expiresAt,
      nextRefreshAt: facts.nextRefreshAt,
    }),
    ...(problem && {
      problem: {
        code: problem.code,
        message: cut(problem.message, PROBLEM_CHARACTERS),
        remedy: cut(problem.remedy, PROBLEM_CHARACTERS),
      },
    }),
  };
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
