import { ActivityFailure, isCancellation, sleep, uuid4 } from '@temporalio/workflow';
import type { ConnectionView } from './contracts/connection.ts';
import type {
  ExchangeInput,
  ExchangeOutcome,
  ProofOutcome,
  RefreshInput,
  RefreshOutcome,
} from './contracts/activities.ts';
import type { OAuthCallback, RefreshCommand, RefreshReply } from './contracts/messages.ts';
import { problems, type Problem } from './contracts/problem.ts';
import { local, once, soon } from './connection.activities.ts';
import { lastAttempt, problemFailure } from './connection.failures.ts';
import { beneath } from './connection.change.ts';
import { joinsForced, servesAsIs } from './connection.guards.ts';
import { assertNever, isResting, problemOf } from './connection.phases.ts';
import type { ConnectionRuntime } from './connection.runtime.ts';
import { backoffMs, hasUpkeep, iso } from './connection.schedule.ts';
import { placeCredential } from './contracts/credential-schedule.ts';

/** Codes live for minutes (RFC 6749, 4.1.2 says ten at most): beyond this a cloud that can't be reached has lost it. */
const EXCHANGE_TRIES = 12;
const EXCHANGE_PAUSE_MS = 5_000;
const CONFIRMATION_MS = 14 * 24 * 60 * 60 * 1000;

/** The cloud's redirect. Checked once more here, since two callbacks may have passed the API at once. */
export async function serveCallback(rt: ConnectionRuntime, callback: OAuthCallback): Promise<void> {
  const { state } = rt;
  const { stateHash, answer } = callback;
  if (state.servedStates.includes(stateHash)) return;
  const { invitation } = state;
  if (!invitation || invitation.epoch !== callback.epoch || !isResting(state.phase)) {
    return rt.change({ type: 'callbackIgnored', stateHash });
  }
  if (answer.kind === 'error') {
    return rt.change({ type: 'declined', stateHash, problem: declinedProblem(answer.error, answer.description) });
  }
  // The store would not take what the code is worth either, and only one reply can wait for it: the code stays unspent.
  if (state.sealed) return rt.change({ type: 'declined', stateHash, problem: problems.storeUnavailableForSignIn });
  const pendingRef = uuid4();
  rt.change({
    type: 'grantReceived',
    stateHash,
    grant: {
      pendingRef,
      step: 'exchange',
      account: null,
      attemptsBefore: 0,
      lastProblem: null,
      deadline: later(invitation.expiresAt, iso(rt.now + (invitation.confirm ? CONFIRMATION_MS : 0))),
      confirm: invitation.confirm,
      allowDifferentAccount: invitation.allowDifferentAccount,
      warnings: [],
    },
  });
  await rt.announce();
  const outcome = await exchange(rt, {
    connection: state.ref,
    pendingRef,
    attemptId: uuid4(),
    code: answer.code,
    sealedVerifier: answer.sealedVerifier,
    iss: answer.iss,
    redirectUri: callback.redirectUri,
  });
  settleExchange(rt, pendingRef, outcome);
}

async function exchange(rt: ConnectionRuntime, input: ExchangeInput): Promise<ExchangeOutcome> {
  for (let tries = 1; ; tries++) {
    const outcome = await exchangeOnce(input);
    if (outcome.outcome !== 'not_sent' || tries >= EXCHANGE_TRIES) return outcome;
    rt.change({
      type: 'grantWaiting',
      pendingRef: input.pendingRef,
      attempts: tries,
      problem: outcome.problem,
    });
    await sleep(EXCHANGE_PAUSE_MS, { summary: 'The cloud could not be reached; the code is still unspent' });
  }
}

async function exchangeOnce(input: ExchangeInput): Promise<ExchangeOutcome> {
  try {
    return await once.exchangeCode.executeWithOptions({ summary: 'Redeem the authorization code' }, [input]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return { outcome: 'ambiguous', problem: problems.exchangeAmbiguous };
  }
}

function settleExchange(rt: ConnectionRuntime, pendingRef: string, outcome: ExchangeOutcome): void {
  switch (outcome.outcome) {
    case 'granted':
      rt.change({ type: 'warned', warnings: outcome.warnings });
      return rt.change({ type: 'grantAdvanced', pendingRef, step: 'proof' });
    case 'sealed':
      rt.change({ type: 'warned', warnings: outcome.warnings });
      return rt.change({
        type: 'replySealed',
        sealed: { reply: outcome.sealed, pendingRef, facts: null },
        retryAt: iso(rt.now),
      });
    case 'not_sent':
    case 'ambiguous':
    case 'refused':
    case 'misconfigured':
      return rt.change({ type: 'grantFailed', pendingRef, problem: outcome.problem });
    default:
      return assertNever(outcome);
  }
}

/** A refresh that a caller asked for; a second one joins the first by finding its result. */
export async function serveRefresh(
  rt: ConnectionRuntime,
  command: RefreshCommand,
  askedAtMs: number,
): Promise<RefreshReply> {
  const joins = command.minTtlSeconds === null && joinsForced(rt.state, askedAtMs);
  // The refresh that was joined may have failed: its caller and this one are told the same.
  const failed = joins ? problemOf(beneath(rt.state.phase)) : null;
  if (failed) throw notRefreshed(rt, failed);
  if (!servesAsIs(rt.state, command, askedAtMs, rt.now)) {
    const forced = command.minTtlSeconds === null;
    await untilRemembered();
    const problem = await refresh(rt, forced);
    if (forced) rt.change({ type: 'refreshForced' });
    if (problem) throw notRefreshed(rt, problem);
    const { credential } = rt.state;
    if (credential) return { spent: true, credential };
  }
  const { credential } = rt.state;
  if (!credential) throw problemFailure(problems.credentialMissing, 409);
  return { spent: false, credential };
}

/** "Refused" is not "unavailable": only the second is worth asking again without somebody's doing. */
const notRefreshed = (rt: ConnectionRuntime, problem: Problem) =>
  problemFailure(problem, hasUpkeep(rt.state.phase) ? 503 : 409);

/**
 * An update is in history only once the workflow task that took it in has completed, and a local activity keeps that
 * task open: a Temporal that dies meanwhile would forget that a token is being spent, and nobody would replay it in
 * time. A timer completes the task.
 */
async function untilRemembered(): Promise<void> {
  await sleep(1, { summary: 'The request is in history now' });
}

/** One cycle of upkeep. Answers what is wrong, or undefined when the credential is fresh. */
export async function refresh(rt: ConnectionRuntime, forced: boolean): Promise<Problem | undefined> {
  const { credential, phase, sealed } = rt.state;
  if (!credential) return problems.credentialMissing;
  if (sealed) return problems.storeUnavailable;
  const failures = phase.status === 'degraded' ? phase.failures : 0;
  const jitter = Math.random();
  const input = {
    connection: rt.state.ref,
    expectedGeneration: credential.generation,
    attemptId: uuid4(),
    jitter,
    view: rt.view,
  };
  const outcome = await refreshOnce(input, failures > 0);
  switch (outcome.outcome) {
    case 'refreshed':
    case 'already_fresh': {
      const fresh = placeCredential(outcome.facts, rt.now, jitter);
      const { replayed, warnings } = outcome.outcome === 'refreshed' ? outcome : { replayed: false, warnings: null };
      rt.change({ type: 'refreshed', credential: fresh, forced, replayed, warnings });
      return undefined;
    }
    case 'busy':
    case 'saturated':
      rt.change({ type: 'refreshPostponed', nextRefreshAt: iso(rt.now + backoffMs(0, null, Math.random())) });
      return problems.refreshTimedOut;
    case 'sealed':
      rt.change({
        type: 'replySealed',
        sealed: { reply: outcome.sealed, pendingRef: null, facts: outcome.facts },
        retryAt: iso(rt.now),
      });
      return problems.storeUnavailable;
    case 'unavailable':
    case 'misconfigured': {
      const retryAfterSeconds = outcome.outcome === 'unavailable' ? outcome.retryAfterSeconds : null;
      const retryAt = iso(rt.now + backoffMs(failures, retryAfterSeconds, Math.random()));
      rt.change({ type: 'refreshFailed', problem: outcome.problem, retryAt });
      return outcome.problem;
    }
    case 'refused':
      rt.change({ type: 'refused', problem: outcome.problem });
      return outcome.problem;
    default:
      return assertNever(outcome);
  }
}

/** The happy path is a local activity; a full worker or a connection in trouble uses the upkeep queue. */
async function refreshOnce(input: RefreshInput, degraded: boolean): Promise<RefreshOutcome> {
  const summary = 'Refresh the credential';
  let outcome: RefreshOutcome = { outcome: 'saturated' };
  if (!degraded) outcome = await attempt(() => local.refreshCredential.executeWithOptions({ summary }, [input]));
  for (let tries = 0; tries < 2; tries++) {
    if (outcome.outcome === 'busy') {
      await sleep(outcome.retryInSeconds * 1000, { summary: 'Another execution may be spending the refresh token' });
    } else if (outcome.outcome !== 'saturated') {
      return outcome;
    }
    outcome = await attempt(() => once.refreshCredential.executeWithOptions({ summary }, [input]));
  }
  return outcome;
}

async function attempt(run: () => Promise<RefreshOutcome>): Promise<RefreshOutcome> {
  try {
    return await run();
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return { outcome: 'unavailable', problem: problems.refreshTimedOut, retryAfterSeconds: null };
  }
}

/** RFC 6749, 4.1.2.1: the user's refusal is told as such; anything else keeps the cloud's own words. */
function declinedProblem(error: string, description: string | null): Problem {
  if (error === 'access_denied') return problems.customerDeclined;
  return {
    code: 'sign_in_failed',
    message: `The cloud ended the sign-in: ${error}${description ? ` (${description})` : ''}.`,
    remedy: 'Open the link again; if it happens again, check the OAuth application that the operator registered.',
  };
}

const later = (one: string, other: string): string => (one > other ? one : other);

/** Asks the cloud now. A refused token gets one forced refresh; refused again, the customer must act. */
export async function serveVerify(rt: ConnectionRuntime): Promise<ConnectionView> {
  let outcome = await verifyOnce(rt);
  if (outcome.outcome === 'refused' && !(await refresh(rt, false))) outcome = await verifyOnce(rt);
  if (outcome.outcome === 'refused') {
    rt.change({ type: 'refused', problem: outcome.problem });
  } else if (rt.state.account && outcome.account.id !== rt.state.account.id) {
    rt.change({ type: 'refused', problem: problems.accountMismatch });
  }
  return rt.view;
}

async function verifyOnce(rt: ConnectionRuntime): Promise<ProofOutcome> {
  try {
    const input = { connection: rt.state.ref };
    return await soon.verifyCredential.executeWithOptions({ summary: 'Ask the cloud whether it works' }, [input]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    throw problemFailure(lastAttempt(error)?.problem ?? problems.internal, 503);
  }
}
