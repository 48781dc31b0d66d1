import type { Tombstone } from './contracts/connection.ts';
import { reduceDiscovery, startsDiscovery } from './discovery.state.ts';
import { problems, type Problem } from './contracts/problem.ts';
import {
  assertNever,
  isResting,
  type ConnectionEvent,
  type ConnectionState,
  type Phase,
  type Resting,
} from './connection.phases.ts';

const TIMELINE_KEPT = 50;
const STATES_KEPT = 20;
const REQUESTS_KEPT = 20;

/**
 * The state after an event, and the sentence that the timeline keeps of it. An event that makes no sense in the
 * present phase changes nothing: a late answer of an operation that a disconnect has overtaken is no error.
 */
export function apply(state: ConnectionState, event: ConnectionEvent, at: string): ConnectionState {
  const change = reduce(state, event, at);
  if (!change) return state;
  const { note, ...fields } = change;
  const timeline = note
    ? [...state.timeline, { at, event: note[0], text: note[1] }].slice(-TIMELINE_KEPT)
    : state.timeline;
  return { ...state, ...fields, timeline, updatedAt: at };
}

type Change = Partial<Omit<ConnectionState, 'timeline' | 'updatedAt' | 'ref' | 'createdAt'>> & {
  readonly note?: readonly [event: string, text: string];
};

function reduce(state: ConnectionState, event: ConnectionEvent, at: string): Change | undefined {
  const { phase } = state;
  if (phase.status === 'disconnected' || phase.status === 'expired') return undefined;
  if (phase.status === 'disconnecting') return reduceDisconnecting(state, phase, event, at);
  switch (event.type) {
    case 'invited':
      return {
        invitation: event.invitation,
        epoch: event.invitation.epoch,
        ...(phase.status === 'awaiting_customer'
          ? { phase: { ...phase, until: event.invitation.expiresAt, problem: null } }
          : {}),
        note: ['invited', `Invitation ${event.invitation.epoch} made; it runs out at ${event.invitation.expiresAt}.`],
      };
    case 'invitationRevoked':
      return { invitation: null, epoch: state.epoch + 1, note: ['invitation_revoked', 'The invitation was revoked.'] };
    case 'invitationLapsed':
      return phase.status === 'awaiting_customer'
        ? {
            invitation: null,
            phase: { status: 'expired', since: at, problem: problems.invitationExpired },
            note: ['expired', problems.invitationExpired.message],
          }
        : { invitation: null, note: ['invitation_lapsed', 'The re-authorisation link ran out unused.'] };
    case 'declined':
      return {
        servedStates: served(state, event.stateHash),
        ...(phase.status === 'awaiting_customer' ? { phase: { ...phase, problem: event.problem } } : {}),
        note: [event.problem.code, event.problem.message],
      };
    case 'callbackIgnored':
      return {
        servedStates: served(state, event.stateHash),
        note: ['callback_ignored', 'A sign-in of a replaced or used link was ignored.'],
      };
    case 'grantReceived':
      return grantReceived(state, event, at);
    case 'grantAdvanced':
    case 'grantWaiting':
    case 'grantFailed':
    case 'promoted':
      return phase.status === 'verifying' ? reduceVerifying(state, phase, event, at) : undefined;
    case 'discoveryStarted':
    case 'discoveryFinished':
    case 'discoveryRefused':
      return state.discovery ? reduceDiscovery(state.discovery, event, at) : undefined;
    case 'discarded':
      return { discards: state.discards.filter((ref) => ref !== event.pendingRef) };
    case 'requestServed':
      return { requests: [...state.requests, event.requestId].slice(-REQUESTS_KEPT) };
    case 'warned':
      return warned(state, event.warnings);
    case 'refreshed':
      return refreshed(state, event, at);
    case 'refreshPostponed':
      return state.credential ? { credential: { ...state.credential, nextRefreshAt: event.nextRefreshAt } } : undefined;
    case 'refreshFailed':
      return degrade(state, event.problem, event.retryAt, at);
    case 'refused':
      return {
        phase: rest(phase, { status: 'action_required', since: at, problem: event.problem }),
        note: [event.problem.code, event.problem.message],
      };
    case 'replySealed':
      return { ...degrade(state, problems.storeUnavailable, event.retryAt, at), sealed: event.sealed };
    case 'sealedSettled':
      return {
        sealed: null,
        note: [
          `sealed_${event.outcome}`,
          event.outcome === 'stored'
            ? "The cloud's reply is in the secret store now."
            : 'A sealed reply was dropped: the secret store already holds a newer credential.',
        ],
      };
    case 'paused':
      return isResting(phase) && phase.status !== 'awaiting_customer'
        ? { phase: { status: 'paused', since: at, returnTo: phase }, note: ['paused', 'Upkeep is paused.'] }
        : undefined;
    case 'resumed':
      return phase.status === 'paused'
        ? { phase: { ...phase.returnTo, since: at }, note: ['resumed', 'Upkeep goes on.'] }
        : undefined;
    case 'annotated':
      return { name: event.name, tags: event.tags };
    case 'disconnectRequested':
      return {
        invitation: null,
        epoch: state.epoch + 1,
        phase: { status: 'disconnecting', since: at, step: 'retire', revocation: null },
        note: ['disconnecting', 'Disconnecting: upkeep has stopped, revocation follows.'],
      };
    case 'retired':
    case 'revoked':
    case 'disconnected':
      return undefined;
    default:
      return assertNever(event);
  }
}

function grantReceived(
  state: ConnectionState,
  event: Extract<ConnectionEvent, { type: 'grantReceived' }>,
  at: string,
): Change | undefined {
  const { phase } = state;
  const returnTo = phase.status === 'verifying' ? phase.grant.returnTo : isResting(phase) ? phase : undefined;
  if (!returnTo) return undefined;
  return {
    phase: { status: 'verifying', since: at, grant: { ...event.grant, returnTo } },
    // Submitted again while the first was being proven: the newer one counts.
    ...(phase.status === 'verifying' ? { discards: [...state.discards, phase.grant.pendingRef] } : {}),
    ...(event.stateHash === null ? {} : { servedStates: served(state, event.stateHash) }),
    note: ['signed_in', 'The customer completed the invitation; what came in is being verified.'],
  };
}

function reduceVerifying(
  state: ConnectionState,
  phase: Extract<Phase, { status: 'verifying' }>,
  event: Extract<ConnectionEvent, { type: 'grantAdvanced' | 'grantWaiting' | 'grantFailed' | 'promoted' }>,
  at: string,
): Change {
  const { grant } = phase;
  switch (event.type) {
    case 'grantAdvanced': {
      const account = event.account ?? grant.account;
      return {
        phase: { ...phase, grant: { ...grant, step: event.step, account, lastProblem: null } },
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
        phase: { ...back, since: at },
        discards: [...state.discards, grant.pendingRef],
        sealed: state.sealed?.pendingRef === grant.pendingRef ? null : state.sealed,
        warnings: returnTo.status === 'awaiting_customer' ? state.warnings : merge(state.warnings, [event.problem]),
        note: [event.problem.code, event.problem.message],
      };
    }
    case 'promoted':
      return {
        phase: { status: 'active', since: at },
        credential: event.credential,
        account: grant.account,
        invitation: null,
        warnings: grant.warnings,
        discovery: state.discovery && startsDiscovery(state.discovery, at),
        note: ['connected', `Connected: account ${grant.account?.id ?? '?'}.`],
      };
    default:
      return assertNever(event);
  }
}

function reduceDisconnecting(
  state: ConnectionState,
  phase: Extract<Phase, { status: 'disconnecting' }>,
  event: ConnectionEvent,
  at: string,
): Change | undefined {
  switch (event.type) {
    case 'retired':
      return { phase: { ...phase, step: 'revoke' }, note: ['retired', 'The credential is no longer handed out.'] };
    case 'revoked':
      return {
        phase: { ...phase, step: 'destroy', revocation: event.revocation },
        sealed: null,
        note: ['revoked', `Revocation at the cloud: ${event.revocation.outcome}.`],
      };
    case 'disconnected': {
      const revocation = phase.revocation ?? { outcome: 'nothing_to_revoke' };
      const tombstone: Tombstone = { connection: state.ref, account: state.account, revocation, disconnectedAt: at };
      return {
        phase: { status: 'disconnected', since: at, tombstone },
        credential: null,
        note: ['disconnected', 'Every stored secret of this connection is destroyed.'],
      };
    }
    default:
      return undefined;
  }
}

function warned(state: ConnectionState, warnings: readonly Problem[]): Change | undefined {
  const { phase } = state;
  if (warnings.length === 0) return undefined;
  if (phase.status !== 'verifying') return { warnings: merge(state.warnings, warnings) };
  return { phase: { ...phase, grant: { ...phase.grant, warnings: merge(phase.grant.warnings, warnings) } } };
}

function refreshed(state: ConnectionState, event: Extract<ConnectionEvent, { type: 'refreshed' }>, at: string): Change {
  const { phase } = state;
  const recovered = phase.status === 'degraded';
  const note: Change['note'] = recovered
    ? ['recovered', 'The cloud answers again; the credential is fresh.']
    : event.replayed
      ? ['replayed', 'A refresh whose answer was lost was repeated once, and succeeded.']
      : event.forced
        ? ['refreshed', 'Refreshed on request.']
        : undefined;
  return {
    credential: event.credential,
    phase: rest(phase, recovered || phase.status === 'verifying' ? { status: 'active', since: at } : undefined),
    ...(event.forced ? { forcedAt: at } : {}),
    ...(note ? { note } : {}),
  };
}

function degrade(state: ConnectionState, problem: Problem, retryAt: string, at: string): Change {
  const { phase } = state;
  const current = phase.status === 'verifying' ? phase.grant.returnTo : phase;
  const before = current.status === 'degraded' ? current : undefined;
  const changed = before?.problem.code !== problem.code;
  return {
    phase: rest(phase, {
      status: 'degraded',
      since: before?.since ?? at,
      problem,
      failures: (before?.failures ?? 0) + 1,
      retryAt,
    }),
    ...(state.credential ? { credential: { ...state.credential, nextRefreshAt: retryAt } } : {}),
    ...(changed ? { note: [problem.code, problem.message] as const } : {}),
  };
}

/** Upkeep goes on beside a re-authorisation that is being verified: its outcome is what that returns to. */
function rest(phase: Phase, next: Resting | undefined): Phase {
  if (!next) return phase;
  if (phase.status === 'verifying') {
    // The first sign-in of a connection has no upkeep: a sealed reply of its exchange degrades nothing.
    return phase.grant.returnTo.status === 'awaiting_customer'
      ? phase
      : { ...phase, grant: { ...phase.grant, returnTo: next } };
  }
  return isResting(phase) ? next : phase;
}

const served = (state: ConnectionState, stateHash: string): readonly string[] =>
  [...state.servedStates, stateHash].slice(-STATES_KEPT);

function merge(existing: readonly Problem[], added: readonly Problem[]): readonly Problem[] {
  const codes = new Set(added.map((problem) => problem.code));
  return [...existing.filter((problem) => !codes.has(problem.code)), ...added].slice(-10);
}
