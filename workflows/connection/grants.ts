import { problems, type Problem } from '../../contracts/problem.ts';
import { startsDiscovery } from '../discovery/state.ts';
import { iso } from '../../contracts/time.ts';
import { later, merge, served, type Change } from './change.ts';
import { assertNever } from '../../contracts/assert-never.ts';
import {
  isResting,
  type ConnectionEvent,
  type ConnectionState,
  type Grant,
  type Phase,
  type Resting,
} from './phases.ts';

const CONFIRMATION_MS = 14 * 24 * 60 * 60 * 1000;

export function grantReceived(
  state: ConnectionState,
  event: Extract<ConnectionEvent, { type: 'grantReceived' }>,
  at: string,
): Change | undefined {
  const { phase } = state;
  const returnTo = phase.status === 'verifying' ? phase.grant.returnTo : isResting(phase) ? phase : undefined;
  if (!returnTo) return undefined;
  return {
    phase: { status: 'verifying', since: at, grant: { ...event.grant, returnTo } },
    // Submitted again while the first was being proven: the newer one replaces it.
    ...(phase.status === 'verifying' ? { discards: [...state.discards, phase.grant.pendingRef] } : {}),
    ...(event.stateHash === null ? {} : { servedStates: served(state, event.stateHash) }),
    note: ['signed_in', 'The customer completed the invitation; what came in is being verified.'],
  };
}

export function reduceVerifying(
  state: ConnectionState,
  phase: Extract<Phase, { status: 'verifying' }>,
  event: Extract<ConnectionEvent, { type: 'grantAdvanced' | 'grantWaiting' | 'grantFailed' | 'promoted' }>,
  at: string,
): Change {
  const { grant } = phase;
  switch (event.type) {
    case 'grantAdvanced': {
      if (!mayAdvance(grant, event.step)) return {};
      const account = event.account ?? grant.account;
      // The tenant has time to confirm, however little is left of the link, or of the time that the proof was given.
      const deadline =
        event.step === 'confirmation' ? later(grant.deadline, iso(Date.parse(at) + CONFIRMATION_MS)) : grant.deadline;
      const advanced = {
        ...grant,
        ...(event.accountDigest !== undefined && { accountDigest: event.accountDigest }),
        step: event.step,
        account,
        attemptsBefore: 0,
        lastProblem: null,
        deadline,
      };
      return {
        phase: { ...phase, grant: advanced },
        ...(event.step === 'confirmation'
          ? {
              note: [
                'confirmation_required',
                `Account ${account?.id ?? '?'} signed in and waits to be confirmed.`,
              ] as const,
            }
          : {}),
      };
    }
    case 'grantWaiting':
      return { phase: { ...phase, grant: { ...grant, attemptsBefore: event.attempts, lastProblem: event.problem } } };
    case 'grantFailed': {
      const { returnTo } = grant;
      const back: Resting =
        returnTo.status === 'awaiting_customer' ? { ...returnTo, problem: event.problem } : returnTo;
      return {
        ...dropped(state, grant, back, at),
        warnings: returnTo.status === 'awaiting_customer' ? state.warnings : merge(state.warnings, [event.problem]),
        note: [event.problem.code, event.problem.message],
      };
    }
    case 'promoted':
      if (grant.step !== 'promotion') return {};
      return {
        phase: { status: 'active', since: at },
        credential: event.credential,
        account: grant.account,
        ...(grant.accountDigest !== undefined && { digests: { ...state.digests, account: grant.accountDigest } }),
        invitation: null,
        warnings: grant.warnings,
        renewalWarnings: [],
        discovery: state.discovery && startsDiscovery(state.discovery),
        note: ['connected', `Connected: account ${grant.account?.id ?? '?'}.`],
      };
    default:
      return assertNever(event);
  }
}

/** A grant passes every step in order, so that none that needs confirmation is used before it is confirmed. */
function mayAdvance(grant: Grant, step: Grant['step']): boolean {
  switch (step) {
    case 'exchange':
      return false;
    case 'proof':
      return grant.step === 'exchange';
    case 'confirmation':
      return grant.step === 'proof' && grant.confirm;
    case 'promotion':
      return grant.step === (grant.confirm ? 'confirmation' : 'proof');
  }
}

const dropped = (state: ConnectionState, { pendingRef }: Grant, back: Resting, at: string) => ({
  phase: { ...back, since: at },
  discards: [...state.discards, pendingRef],
  sealed: state.sealed?.pendingRef === pendingRef ? null : state.sealed,
});

/** Nothing new comes in by the link. A customer who typed the passcode before may finish. */
export function invitationLocked(state: ConnectionState, epoch: number): Change | undefined {
  const { invitation, phase } = state;
  if (invitation?.epoch !== epoch || invitation.locked) return undefined;
  const problem = problems.invitationLocked;
  return {
    invitation: { ...invitation, locked: true },
    ...(phase.status === 'awaiting_customer'
      ? { phase: { ...phase, problem } }
      : { warnings: merge(state.warnings, [problem]) }),
    note: [problem.code, problem.message],
  };
}

/** The warnings without that of a locked link, for when that link is gone. */
export const withoutLock = ({ warnings }: ConnectionState): readonly Problem[] =>
  warnings.filter(({ code }) => code !== problems.invitationLocked.code);

/** Also rejects an account that waits to be confirmed: the grant that came in through the link is dropped with it. */
export function invitationRevoked(state: ConnectionState, at: string): Change {
  const { phase, epoch } = state;
  const note = ['invitation_revoked', 'The invitation was revoked.'] as const;
  const waits = phase.status === 'verifying' && (phase.grant.step === 'proof' || phase.grant.step === 'confirmation');
  return {
    ...(waits ? dropped(state, phase.grant, phase.grant.returnTo, at) : {}),
    invitation: null,
    epoch: epoch + 1,
    warnings: withoutLock(state),
    note,
  };
}
