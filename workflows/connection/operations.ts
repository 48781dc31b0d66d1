import { ActivityFailure, isCancellation, sleep, uuid4 } from '@temporalio/workflow';
import type { ConnectionView } from '../../contracts/connection.ts';
import type {
  ExchangeInput,
  ExchangeOutcome,
  ProofOutcome,
  RefreshInput,
  RefreshOutcome,
} from '../../contracts/activities.ts';
import type { OAuthCallback, RefreshCommand, RefreshReply } from '../../contracts/messages.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import { aboutOf } from './about.ts';
import { withinAMinute } from './activities.ts';
import { lastAttempt, problemFailure } from './failures.ts';
import { beneath } from './change.ts';
import { joinsForced } from './guards.ts';
import { retryAt } from './keep-fresh.ts';
import { assertNever } from '../../contracts/assert-never.ts';
import { isResting, problemOf } from './phases.ts';
import type { ConnectionRuntime } from './runtime.ts';
import { hasUpkeep } from './schedule.ts';
import { iso } from '../../contracts/time.ts';

/** Codes live for minutes (RFC 6749, 4.1.2 says ten at most): beyond this a cloud that can't be reached has lost it. */
const EXCHANGE_TRIES = 12;
const EXCHANGE_PAUSE_MS = 5_000;
/** Of a cloud's own words: they stand in the timeline, and anybody can send a callback. */
const QUOTED_CHARACTERS = 500;
const CONFIRMATION_MS = 14 * 24 * 60 * 60 * 1000;

/** The cloud's redirect. Checked once more here, since two callbacks may have passed the API at once. */
export async function serveCallback(runtime: ConnectionRuntime, callback: OAuthCallback): Promise<void> {
  const { state } = runtime;
  const { stateHash, answer } = callback;
  if (state.servedStates.includes(stateHash)) return;
  const { invitation } = state;
  if (!invitation || invitation.epoch !== callback.epoch || !isResting(state.phase)) {
    return runtime.change({ type: 'callbackIgnored', stateHash });
  }
  if (answer.kind === 'error') {
    return runtime.change({ type: 'declined', stateHash, problem: declinedProblem(answer.error, answer.description) });
  }
  // The store would not take what the code is worth either, and only one reply can wait for it: the code stays unspent.
  if (state.sealed) return runtime.change({ type: 'declined', stateHash, problem: problems.storeUnavailableForSignIn });
  const pendingRef = uuid4();
  runtime.change({
    type: 'grantReceived',
    stateHash,
    grant: {
      pendingRef,
      step: 'exchange',
      account: null,
      attemptsBefore: 0,
      lastProblem: null,
      deadline: later(invitation.expiresAt, iso(runtime.now + (invitation.confirm ? CONFIRMATION_MS : 0))),
      confirm: invitation.confirm,
      allowDifferentAccount: invitation.allowDifferentAccount,
      warnings: [],
    },
  });
  runtime.announce();
  const outcome = await exchange(runtime, {
    connection: state.ref,
    news: runtime.takeNews(),
    pendingRef,
    attemptId: uuid4(),
    code: answer.code,
    sealedVerifier: answer.sealedVerifier,
    iss: answer.iss,
    redirectUri: callback.redirectUri,
    promotion: promotionAtOnce(runtime),
  });
  settleExchange(runtime, pendingRef, outcome);
}

/**
 * The grant may be put to use within the exchange, unless its account is to be confirmed first. What runs in the
 * background may write what the promotion writes, so then it waits its turn there.
 */
function promotionAtOnce(runtime: ConnectionRuntime): ExchangeInput['promotion'] {
  const { phase, account } = runtime.state;
  if (phase.status !== 'verifying' || phase.grant.confirm || runtime.isRunning('background')) return null;
  return { about: aboutOf(runtime.state), accountId: phase.grant.allowDifferentAccount ? null : (account?.id ?? null) };
}

async function exchange(runtime: ConnectionRuntime, first: ExchangeInput): Promise<ExchangeOutcome> {
  let input = first;
  for (let tries = 1; ; tries++) {
    const outcome = await exchangeOnce(runtime, input);
    input = { ...input, news: null };
    if (outcome.outcome !== 'not_sent' || tries >= EXCHANGE_TRIES) return outcome;
    runtime.change({
      type: 'grantWaiting',
      pendingRef: input.pendingRef,
      attempts: tries,
      problem: outcome.problem,
    });
    await sleep(EXCHANGE_PAUSE_MS, { summary: 'The cloud could not be reached; the code is still unspent' });
  }
}

async function exchangeOnce(runtime: ConnectionRuntime, input: ExchangeInput): Promise<ExchangeOutcome> {
  try {
    return await runtime.cloud.once.exchangeCode.executeWithOptions({ summary: 'Redeem the authorization code' }, [
      input,
    ]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return await recoverExchange(runtime, input);
  }
}

/** The worker that redeemed the code was lost; what it was worth may be stored all the same. */
async function recoverExchange({ state }: ConnectionRuntime, { pendingRef }: ExchangeInput): Promise<ExchangeOutcome> {
  try {
    const summary = 'Look for what the code was worth';
    return await withinAMinute.recoverExchange.executeWithOptions({ summary }, [{ connection: state.ref, pendingRef }]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return { outcome: 'ambiguous', problem: problems.exchangeAmbiguous };
  }
}

function settleExchange(runtime: ConnectionRuntime, pendingRef: string, outcome: ExchangeOutcome): void {
  switch (outcome.outcome) {
    case 'granted':
      runtime.change({ type: 'warned', warnings: outcome.warnings });
      runtime.change({ type: 'grantAdvanced', pendingRef, step: 'proof' });
      if (outcome.proof) settleProof(runtime, pendingRef, outcome.proof);
      if (outcome.credential) runtime.change({ type: 'promoted', pendingRef, credential: outcome.credential });
      return;
    case 'sealed':
      runtime.change({ type: 'warned', warnings: outcome.warnings });
      return runtime.change({
        type: 'replySealed',
        sealed: { reply: outcome.sealed, pendingRef, facts: null },
        retryAt: iso(runtime.now),
      });
    case 'not_sent':
    case 'ambiguous':
    case 'refused':
    case 'misconfigured':
      return runtime.change({ type: 'grantFailed', pendingRef, problem: outcome.problem });
    default:
      return assertNever(outcome);
  }
}

/** Applies what came of a proof to the grant that it was of. */
export function settleProof(runtime: ConnectionRuntime, pendingRef: string, outcome: ProofOutcome): void {
  const { phase, account: known } = runtime.state;
  if (phase.status !== 'verifying' || phase.grant.pendingRef !== pendingRef) return;
  const { grant } = phase;
  if (outcome.outcome === 'refused')
    return runtime.change({ type: 'grantFailed', pendingRef, problem: outcome.problem });
  runtime.change({ type: 'warned', warnings: outcome.warnings });
  if (known && known.id !== outcome.account.id && !grant.allowDifferentAccount) {
    return runtime.change({ type: 'grantFailed', pendingRef, problem: problems.accountMismatch });
  }
  const step = grant.confirm ? 'confirmation' : 'promotion';
  runtime.change({ type: 'grantAdvanced', pendingRef, step, account: outcome.account });
}

/** A refresh that a caller asked for; what another attempt issued since then is the answer. */
export async function serveRefresh(
  runtime: ConnectionRuntime,
  command: RefreshCommand,
  askedAtMs: number,
): Promise<RefreshReply> {
  const forced = command.minTtlSeconds === null;
  if (forced && joinsForced(runtime.state, askedAtMs)) return joined(runtime);
  const refreshed = await refresh(runtime, {
    askedAtMs,
    minTtlSeconds: command.minTtlSeconds,
    requestId: command.requestId,
  });
  if (forced) runtime.change({ type: 'refreshForced' });
  if (refreshed.problem) throw notRefreshed(runtime, refreshed.problem);
  return replyOf(runtime, refreshed.spent);
}

/** The refresh that was joined may have failed: its caller and this one are told the same. */
function joined(runtime: ConnectionRuntime): RefreshReply {
  const failed = problemOf(beneath(runtime.state.phase));
  if (failed) throw notRefreshed(runtime, failed);
  return replyOf(runtime, false);
}

function replyOf(runtime: ConnectionRuntime, spent: boolean): RefreshReply {
  const { credential } = runtime.state;
  if (!credential) throw problemFailure(problems.credentialMissing, 409);
  return { spent, credential };
}

/** "Refused" is not "unavailable": only the second is worth asking again without a person doing something. */
const notRefreshed = (runtime: ConnectionRuntime, problem: Problem) =>
  problemFailure(problem, hasUpkeep(runtime.state.phase) ? 503 : 409);

type Refreshed =
  { readonly problem: Problem; readonly spent?: never } | { readonly problem?: never; readonly spent: boolean };

/** Renews the credential now, beside the upkeep that is pending: the record tells the two apart. */
export async function refresh(
  runtime: ConnectionRuntime,
  asked: { readonly askedAtMs: number; readonly minTtlSeconds: number | null; readonly requestId?: string | undefined },
): Promise<Refreshed> {
  const { credential, sealed } = runtime.state;
  if (!credential) return { problem: problems.credentialMissing };
  if (sealed) return { problem: problems.storeUnavailable };
  const outcome = await refreshOnce(runtime, {
    connection: runtime.state.ref,
    askedAtMs: asked.askedAtMs,
    requestId: asked.requestId ?? uuid4(),
    minTtlSeconds: asked.minTtlSeconds,
  });
  switch (outcome.outcome) {
    case 'refreshed':
    case 'already_fresh': {
      const isNew = outcome.outcome === 'refreshed';
      const forced = isNew && asked.minTtlSeconds === null;
      const { replayed, warnings } = isNew ? outcome : { replayed: false, warnings: null };
      runtime.change({ type: 'refreshed', credential: outcome.facts, forced, replayed, warnings });
      return { spent: isNew };
    }
    case 'sealed':
      runtime.change({
        type: 'replySealed',
        sealed: { reply: outcome.sealed, pendingRef: null, facts: outcome.facts },
        retryAt: iso(runtime.now),
      });
      return { problem: problems.storeUnavailable };
    case 'unavailable': {
      const { problem, retryAfterSeconds, providerWide } = outcome;
      if (!providerWide) {
        runtime.change({
          type: 'refreshFailed',
          problem,
          retryAt: retryAt(runtime.state, runtime.now, retryAfterSeconds),
        });
      }
      return { problem };
    }
    case 'refused':
      runtime.change({ type: 'refused', problem: outcome.problem });
      return { problem: outcome.problem };
    default:
      return assertNever(outcome);
  }
}

async function refreshOnce(runtime: ConnectionRuntime, input: RefreshInput): Promise<RefreshOutcome> {
  try {
    return await runtime.cloud.refresh.refreshCredential.executeWithOptions({ summary: 'Refresh the credential' }, [
      input,
    ]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return {
      outcome: 'unavailable',
      problem: problems.refreshTimedOut,
      retryAfterSeconds: null,
      providerWide: true,
    };
  }
}

/** RFC 6749, 4.1.2.1: the user's refusal is told as such; anything else keeps the cloud's own words. */
function declinedProblem(error: string, description: string | null): Problem {
  if (error === 'access_denied') return problems.customerDeclined;
  const words = `${error}${description ? ` (${description})` : ''}`;
  return {
    code: 'sign_in_failed',
    message: `The cloud ended the sign-in: ${words.slice(0, QUOTED_CHARACTERS)}.`,
    remedy: 'Open the link again; if it happens again, check the OAuth application that the operator registered.',
  };
}

const later = (one: string, other: string): string => (one > other ? one : other);

/** Asks the cloud now. A refused token gets one forced refresh; refused again, the customer must act. */
export async function serveVerify(runtime: ConnectionRuntime): Promise<ConnectionView> {
  let outcome = await verifyOnce(runtime);
  if (outcome.outcome === 'refused') {
    const { problem } = await refresh(runtime, { askedAtMs: runtime.now, minTtlSeconds: null });
    if (!problem) outcome = await verifyOnce(runtime);
  }
  if (outcome.outcome === 'refused') {
    runtime.change({ type: 'refused', problem: outcome.problem });
  } else if (runtime.state.account && outcome.account.id !== runtime.state.account.id) {
    runtime.change({ type: 'refused', problem: problems.accountMismatch });
  }
  return runtime.view;
}

async function verifyOnce(runtime: ConnectionRuntime): Promise<ProofOutcome> {
  try {
    const input = { connection: runtime.state.ref };
    return await runtime.cloud.soon.verifyCredential.executeWithOptions({ summary: 'Ask the cloud whether it works' }, [
      input,
    ]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    throw problemFailure(lastAttempt(error)?.problem ?? problems.internal, 503);
  }
}
