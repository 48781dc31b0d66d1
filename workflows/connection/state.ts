import type { Actor } from '../../contracts/actor.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import { beneath, merge, rest, served, type Change } from './change.ts';
import { grantReceived, invitationLocked, invitationRevoked, reduceVerifying, withoutLock } from './grants.ts';
import { assertNever } from '../../contracts/assert-never.ts';
import { withoutTold, withPublicEvent } from './public-events.ts';
import { isResting, type ConnectionEvent, type ConnectionState, type Phase } from './phases.ts';
import type { Freshness } from '../../contracts/connection.ts';
import { degrade, refreshed, replySealed } from './upkeep.ts';
import { reduceDiscovery } from '../discovery/state.ts';

const TIMELINE_KEPT = 50;
const REQUESTS_KEPT = 20;

/**
 * The state after an event. An event that makes no sense in the present phase changes nothing: for example the late
 * outcome of an operation that a disconnect has overtaken is not an error. `by`: who asked for it, for the timeline.
 */
export function apply(state: ConnectionState, event: ConnectionEvent, at: string, by?: Actor): ConnectionState {
  const change = reduce(state, event, at);
  if (!change) return state;
  const { note, ...fields } = change;
  const timeline = note
    ? [...state.timeline, { at, event: note[0], text: note[1], ...(by && { by }) }].slice(-TIMELINE_KEPT)
    : state.timeline;
  const next = { ...state, ...fields, timeline, updatedAt: at };
  return { ...next, events: withPublicEvent(state, next, event, at) };
}

function reduce(state: ConnectionState, event: ConnectionEvent, at: string): Change | undefined {
  const { phase } = state;
  // In every phase: what is told last is that it has ended.
  if (event.type === 'told') return { events: withoutTold(state.events, event.ids) };
  if (phase.status === 'disconnected' || phase.status === 'expired') return undefined;
  if (phase.status === 'disconnecting') return reduceDisconnecting(state, phase, event, at);
  switch (event.type) {
    case 'invited':
      return {
        invitation: event.invitation,
        epoch: event.invitation.epoch,
        warnings: withoutLock(state),
        ...(phase.status === 'awaiting_customer'
          ? { phase: { ...phase, until: event.invitation.expiresAt, problem: null } }
          : {}),
        note: ['invited', `Invitation ${event.invitation.epoch} made; it runs out at ${event.invitation.expiresAt}.`],
      };
    case 'invitationRevoked':
      return invitationRevoked(state, at);
    case 'invitationLapsed':
      return phase.status === 'awaiting_customer'
        ? {
            invitation: null,
            phase: { status: 'expired', since: at, problem: problems.invitationExpired },
            note: ['expired', problems.invitationExpired.message],
          }
        : {
            invitation: null,
            warnings: withoutLock(state),
            note: ['invitation_lapsed', 'The re-authorisation link ran out unused.'],
          };
    case 'invitationLocked':
      return invitationLocked(state, event.epoch);
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
      return phase.status === 'verifying' && phase.grant.pendingRef === event.pendingRef
        ? reduceVerifying(state, phase, event, at)
        : undefined;
    case 'discoveryFinished':
    case 'discoveryRefused':
      return state.discovery ? reduceDiscovery(state.discovery, event) : undefined;
    case 'discarded':
      return { discards: state.discards.filter((ref) => ref !== event.pendingRef) };
    case 'requestServed':
      return { requests: [...state.requests, event.requestId].slice(-REQUESTS_KEPT) };
    case 'warned':
      return warned(state, event.warnings);
    case 'refreshed':
      return refreshed(state, event, at);
    case 'refreshForced':
      return { forcedAt: at };
    case 'upkeepReported':
      return reported(state, event.facts);
    case 'upkeepInterrupted':
      return {
        upkeepHeldUntil: event.until,
        note: [problems.upkeepInterrupted.code, problems.upkeepInterrupted.message],
      };
    case 'refreshFailed':
      return degrade(state, event.problem, event.retryAt, at);
    case 'refused':
      return refused(state, event, at);
    case 'replySealed':
      return replySealed(state, event, at);
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
    case 'upkeepResumed':
      return { upkeepHeldUntil: null };
    case 'annotated':
      return {
        name: event.name,
        tags: event.tags,
        aboutStale: state.credential !== null,
        ...(event.nameDigests && { digests: { ...state.digests, name: event.nameDigests } }),
      };
    case 'aboutWritten':
      return { aboutStale: false };
    case 'resealed':
      return state.sealed ? { sealed: { ...state.sealed, reply: event.reply } } : undefined;
    case 'stopped':
      return phase.status === 'stopped' ? undefined : stop(state, at);
    case 'recovered':
      return phase.status === 'stopped' ? recover(state, event, at) : undefined;
    case 'messageRefused':
      return refuseMessage(state, event);
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
    case 'replySealed':
      // A renewal was under way when the disconnect came: its reply is revoked with the rest.
      return { sealed: event.sealed };
    case 'upkeepReported':
      return reported(state, event.facts);
    case 'disconnected':
      return {
        phase: { status: 'disconnected', since: at, tombstone: event.tombstone },
        credential: null,
        note: ['disconnected', 'Every stored secret of this connection is destroyed.'],
      };
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

const ASKED_HOURLY = 'Mooring asks the cloud again every hour, and goes on by itself once it accepts.';

/** Refused again for the same reason, e.g. on a refresh that a caller forced meanwhile: nothing has changed since then. */
function refused(
  { phase }: ConnectionState,
  { problem: refusal, mayHeal = false }: Extract<ConnectionEvent, { type: 'refused' }>,
  at: string,
): Change | undefined {
  const current = beneath(phase);
  const isKnown = current.status === 'action_required' && current.problem.code === refusal.code;
  if (isKnown && current.mayHeal === mayHeal) return undefined;
  const problem = mayHeal ? { ...refusal, remedy: `${refusal.remedy} ${ASKED_HOURLY}` } : refusal;
  return {
    phase: rest(phase, { status: 'action_required', since: isKnown ? current.since : at, problem, mayHeal }),
    ...(isKnown ? {} : { note: [refusal.code, refusal.message] as const }),
  };
}

/** Facts from the report of an attempt; those of an older generation are ignored. */
function reported(state: ConnectionState, facts: Freshness): Change | undefined {
  const { credential } = state;
  return credential && facts.generation >= credential.generation
    ? { credential: { ...credential, ...facts } }
    : undefined;
}

/** In every phase: links stop working, and a pending grant is dropped. */
function stop(state: ConnectionState, at: string): Change {
  const { phase, epoch } = state;
  const pending = phase.status === 'verifying' ? [phase.grant.pendingRef] : [];
  return {
    phase: { status: 'stopped', since: at, problem: problems.stopped },
    invitation: null,
    epoch: epoch + 1,
    discards: [...state.discards, ...pending],
    note: [problems.stopped.code, problems.stopped.message],
  };
}

function recover(
  { credential: known }: ConnectionState,
  { credential, until }: Extract<ConnectionEvent, { type: 'recovered' }>,
  at: string,
): Change {
  if (credential ?? known) {
    return {
      phase: { status: 'active', since: at },
      credential: credential ?? known,
      // A stopped connection without a known credential could be renamed without that being kept.
      aboutStale: true,
      note: ['recovered', 'Upkeep goes on.'],
    };
  }
  return {
    phase: { status: 'awaiting_customer', since: at, until, problem: null },
    note: ['recovered', 'Recovered; the customer has never come in. Make a new invitation.'],
  };
}

/**
 * Recorded once for each message name, so that a program in a loop cannot push everything else out of the timeline. The
 * reason is not compared: it depends on which keys this process has, and a replay may have others.
 */
function refuseMessage(
  { timeline }: ConnectionState,
  { message, reason }: Extract<ConnectionEvent, { type: 'messageRefused' }>,
): Change {
  const beginning = `The message '${message}' was refused: `;
  const isKnown = timeline.some(({ text }) => text.startsWith(beginning));
  return isKnown ? {} : { note: ['message_refused', beginning + reason] };
}
