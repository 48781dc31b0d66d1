import { connectionEvent } from '../../contracts/webhook-events.ts';
import type { ConnectionEventType, PublicEvents } from '../../contracts/webhooks.ts';
import type { Problem } from '../../contracts/problem.ts';
import { problemOf, type ConnectionEvent, type ConnectionState } from './phases.ts';

/** Kept until they are told. More wait only where no endpoint could be read for days, and then the oldest are dropped. */
const UNTOLD_KEPT = 100;

/** A change of the state, by one event. */
interface Changed<E extends ConnectionEvent = ConnectionEvent> {
  readonly event: E;
  readonly before: ConnectionState;
  readonly after: ConnectionState;
}

interface Told<E extends ConnectionEvent> {
  readonly type: ConnectionEventType | ((changed: Changed<E>) => ConnectionEventType);
  /** Absent: where the status that people see is another one. */
  readonly when?: (changed: Changed<E>) => boolean;
  /** Absent: the problem that the connection has afterwards. */
  readonly problem?: (event: E) => Problem | null;
}

type Table = { readonly [T in ConnectionEvent['type']]?: Told<Extract<ConnectionEvent, { type: T }>> };

const always = (): boolean => true;

/**
 * Which changes endpoints are told of, and as what. Whatever changes the status that people see is told; what upkeep
 * finds beneath a pause or a re-authorisation is told with the change that ends it. A renewal is never told.
 */
const table: Table = {
  invited: { type: 'connection.invited', when: always },
  grantReceived: { type: 'connection.signed_in', when: always },
  grantAdvanced: {
    type: 'connection.confirmation_required',
    when: ({ before, after }) => stepOf(after) === 'confirmation' && stepOf(before) !== 'confirmation',
  },
  grantFailed: { type: 'connection.sign_in_failed', problem: ({ problem }) => problem },
  invitationRevoked: { type: 'connection.sign_in_failed' },
  promoted: { type: ({ before }) => (isFirstSignIn(before) ? 'connection.connected' : 'connection.reauthorized') },
  refreshFailed: { type: 'connection.degraded' },
  replySealed: { type: 'connection.degraded' },
  refused: { type: 'connection.action_required', when: (changed) => isNewStatus(changed) || isNewProblem(changed) },
  refreshed: { type: 'connection.recovered' },
  paused: { type: 'connection.paused' },
  resumed: { type: 'connection.resumed' },
  stopped: { type: 'connection.stopped' },
  recovered: { type: 'connection.recovered' },
  invitationLapsed: { type: 'connection.expired' },
  disconnectRequested: { type: 'connection.disconnecting' },
  disconnected: { type: 'connection.disconnected' },
};

/** The events after a change: with one more where the change is told. */
export function withPublicEvent(
  before: ConnectionState,
  after: ConnectionState,
  event: ConnectionEvent,
  at: string,
): PublicEvents {
  const row = table[event.type] as Told<ConnectionEvent> | undefined;
  const changed = { event, before, after };
  const isTold = row && (row.when ?? isNewStatus)(changed);
  if (!isTold) return after.events;
  const { ref, name, tags, account, phase, events } = after;
  const sequence = events.sequence + 1;
  const told = connectionEvent(typeof row.type === 'string' ? row.type : row.type(changed), at, {
    connection: { ...ref, name, tags, account, status: phase.status, statusSince: phase.since },
    previousStatus: before.phase.status,
    sequence,
    problem: row.problem ? row.problem(event) : problemOf(phase),
  });
  return { sequence, untold: [...events.untold, told].slice(-UNTOLD_KEPT) };
}

export const withoutTold = ({ sequence, untold }: PublicEvents, ids: readonly string[]): PublicEvents => ({
  sequence,
  untold: untold.filter(({ id }) => !ids.includes(id)),
});

/**
 * Of a connection that is rebuilt after its workflow, and its count with it, was lost. Seconds since 1970 are ahead of
 * every number that it had.
 */
export const rebuiltEvents = (at: string): PublicEvents => ({
  sequence: Math.floor(Date.parse(at) / 1000),
  untold: [],
});

/** What the status of a rebuilt connection was before is not known. */
export const withoutPreviousStatus = ({ sequence, untold }: PublicEvents): PublicEvents => ({
  sequence,
  untold: untold.map((event) => ({ ...event, data: { ...event.data, previousStatus: null } })),
});

const isNewStatus = ({ before, after }: Changed): boolean => before.phase.status !== after.phase.status;

const isNewProblem = ({ before, after }: Changed): boolean =>
  after.phase.status === 'action_required' && problemOf(before.phase)?.code !== problemOf(after.phase)?.code;

const stepOf = ({ phase }: ConnectionState) => (phase.status === 'verifying' ? phase.grant.step : null);

const isFirstSignIn = ({ phase }: ConnectionState): boolean =>
  phase.status === 'verifying' && phase.grant.returnTo.status === 'awaiting_customer';
