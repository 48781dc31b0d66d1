import { ActivityFailure, isCancellation, sleep, uuid4 } from '@temporalio/workflow';
import { customerOf } from '../../contracts/actor.ts';
import type { ExchangeInput, ExchangeOutcome, ProofOutcome } from '../../contracts/activities.ts';
import type { OAuthCallback } from '../../contracts/messages.ts';
import { plainText } from '../../contracts/plain-text.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import { assertNever } from '../../contracts/assert-never.ts';
import { iso } from '../../contracts/time.ts';
import { aboutOf } from './about.ts';
import { withinAMinute } from './activities.ts';
import { later } from './change.ts';
import { isResting } from './phases.ts';
import type { ConnectionRuntime } from './runtime.ts';

/** Codes live for ten minutes at most (RFC 6749, 4.1.2), so there is no use in trying for longer. */
const EXCHANGE_TRIES = 12;
const EXCHANGE_PAUSE_MS = 5_000;
/** Limit for a cloud's own error text: it is kept in the timeline, and anyone can forge a callback. */
const QUOTED_CHARACTERS = 500;

/** The cloud's redirect. Checked again here, because two callbacks may have passed the API's checks at the same time. */
export async function serveCallback(runtime: ConnectionRuntime, callback: OAuthCallback): Promise<void> {
  const { state } = runtime;
  const { stateHash, answer } = callback;
  if (state.servedStates.includes(stateHash)) return;
  const { invitation } = state;
  const by = customerOf(state.ref.id, callback.epoch);
  if (!invitation || invitation.epoch !== callback.epoch || !isResting(state.phase)) {
    return runtime.change({ type: 'callbackIgnored', stateHash }, by);
  }
  if (answer.kind === 'error') {
    const problem = declinedProblem(answer.error, answer.description);
    return runtime.change({ type: 'declined', stateHash, problem }, by);
  }
  // The store is down, and the state holds only one sealed reply: leave the code unspent.
  if (state.sealed) {
    return runtime.change({ type: 'declined', stateHash, problem: problems.storeUnavailableForSignIn }, by);
  }
  const pendingRef = uuid4();
  const grant = {
    pendingRef,
    step: 'exchange',
    account: null,
    attemptsBefore: 0,
    lastProblem: null,
    deadline: later(invitation.expiresAt, iso(runtime.now)),
    confirm: invitation.confirm,
    allowDifferentAccount: invitation.allowDifferentAccount,
    warnings: [],
  } as const;
  runtime.change({ type: 'grantReceived', stateHash, grant }, by);
  runtime.announce();
  const outcome = await exchange(runtime, {
    connection: state.ref,
    news: runtime.outbox.takeNews(),
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
    await sleep(EXCHANGE_PAUSE_MS, { summary: 'The cloud cannot be reached; the code is still unspent' });
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

/** Applies the outcome of a proof to its grant. */
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
  const { account, accountDigest } = outcome;
  runtime.change({ type: 'grantAdvanced', pendingRef, step, account, accountDigest });
}

/** RFC 6749, 4.1.2.1: a refusal by the user has a problem of its own; any other error quotes the cloud. */
function declinedProblem(error: string, description: string | null): Problem {
  if (error === 'access_denied') return problems.customerDeclined;
  const words = plainText(`${error}${description ? ` (${description})` : ''}`, QUOTED_CHARACTERS);
  return {
    code: 'sign_in_failed',
    message: `The cloud ended the sign-in: ${words}.`,
    remedy: 'Open the link again; if it happens again, check the OAuth application that the operator registered.',
  };
}
