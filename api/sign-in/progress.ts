import { assertNever } from '../../contracts/assert-never.ts';
import type { Account, ConnectionView, VerificationView } from '../../contracts/connection.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import type { Verification } from '../temporal/description.ts';
import type { ResultClaims } from './links.ts';

/** The progress of a sign-in, as its browser sees it. */
export interface Progress {
  readonly tone: 'working' | 'good' | 'bad';
  readonly title: string;
  /** One sentence. */
  readonly sentence: string;
  readonly account: Account | null;
  readonly problem: Problem | null;
  /** The access does not work yet: how often it was tried, and when it will be again. */
  readonly waiting: { readonly attempts: number; readonly nextTryAt: string | null } | null;
  /** The state will not change by itself any more. */
  readonly done: boolean;
}

const steps: Readonly<Record<VerificationView['step'], string>> = {
  exchange: 'The sign-in is being redeemed at the cloud.',
  proof: 'The access is being checked. Some clouds need minutes until it works; this page follows along.',
  confirmation: 'The access works. Whoever sent the link confirms the account before anything is used.',
  promotion: 'The account is confirmed and is being connected.',
};

/** Pure. The progress of one sign-in, from the connection's view. `tries` = the attempts of the pending proof. */
export function progressOf(claims: ResultClaims, view: ConnectionView, tries: Verification | null = null): Progress {
  const { invitation, status } = view;
  const mine = invitation?.epoch === claims.e;
  switch (status) {
    case 'disconnecting':
    case 'disconnected':
      return ended('Disconnected', 'This connection has been ended. Nothing of yours is used any more.');
    case 'expired':
      return failed(problems.invitationExpired);
    case 'stopped':
      return failed(problems.stopped);
    case 'verifying':
      return claims.d === undefined ? verifying(view, tries) : declined(claims.d);
    case 'awaiting_customer':
    case 'active':
    case 'degraded':
    case 'action_required':
    case 'paused':
      if (claims.u !== undefined && claims.u === view.updatedAt) {
        // The workflow has not processed it yet; it will add the cloud's own message in a moment.
        if (claims.d === undefined) return notYet();
        return { ...declined(claims.d), done: claims.d === 'access_denied' };
      }
      // The workflow has processed it, so its problem has the cloud's own message.
      if (claims.d !== undefined) return declined(claims.d, mine ? view.problem : null);
      if (mine) return returned(view);
      return status === 'awaiting_customer' || (invitation && invitation.epoch <= claims.e)
        ? failed(problems.invitationReplaced)
        : connected(view);
    default:
      return assertNever(status);
  }
}

const notYet = (): Progress => working('Almost there', 'Your sign-in has arrived and will be looked at in a moment.');

function verifying({ verification, account }: ConnectionView, tries: Verification | null): Progress {
  const known = verification?.account ?? account;
  if (tries?.step !== 'proof' || !tries.lastProblem) {
    const sentence = verification ? steps[verification.step] : 'Your sign-in is being checked.';
    return { ...working('Checking', sentence), account: known };
  }
  const { attempts, nextTryAt, lastProblem } = tries;
  const waiting = { attempts, nextTryAt };
  return { ...working('Not let in yet', lastProblem.message), account: known, problem: lastProblem, waiting };
}

/** The invitation is still open: the sign-in failed, or its result is not published yet. */
function returned({ problem, warnings }: ConnectionView): Progress {
  const cause = problem ?? warnings.at(-1);
  return cause ? failed(cause) : notYet();
}

/**
 * RFC 6749, 4.1.2.1: only `access_denied` means that the user refused. `problem` has the cloud's own message, if kept.
 */
function declined(error: string, problem: Problem | null = null): Progress {
  if (error === 'access_denied') {
    return { ...failed(problems.customerDeclined), sentence: 'You declined the request at the cloud.' };
  }
  const unnamed = {
    code: 'sign_in_failed',
    message: `The cloud ended the sign-in: ${error}.`,
    remedy: 'Open the link again; if it happens again, tell the person who sent it.',
  };
  return failed(problem ?? unnamed);
}

function connected({ status, account, problem }: ConnectionView): Progress {
  // A cloud that is unavailable for a while does not concern the customer.
  if (status === 'action_required' && problem) return { ...failed(problem), account };
  return {
    tone: 'good',
    title: 'Connected',
    sentence: 'You can close this page. The connection is kept alive from now on.',
    account,
    problem: null,
    waiting: null,
    done: true,
  };
}

const working = (title: string, sentence: string): Progress => ({
  tone: 'working',
  title,
  sentence,
  account: null,
  problem: null,
  waiting: null,
  done: false,
});

const failed = (problem: Problem): Progress => ({
  tone: 'bad',
  title: 'Not connected',
  sentence: problem.message,
  account: null,
  problem,
  waiting: null,
  done: true,
});

const ended = (title: string, sentence: string): Progress => ({
  tone: 'bad',
  title,
  sentence,
  account: null,
  problem: null,
  waiting: null,
  done: true,
});
