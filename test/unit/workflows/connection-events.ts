import fc from 'fast-check';
import type { CredentialFacts, Tombstone } from '../../../contracts/connection.ts';
import type { ConnectionInput } from '../../../contracts/messages.ts';
import {
  initialState,
  type ConnectionEvent,
  type ConnectionState,
  type Invitation,
} from '../../../workflows/connection/phases.ts';
import { apply } from '../../../workflows/connection/state.ts';

export const bornAt = Date.parse('2030-01-01T00:00:00.000Z');
export const isoAt = (milliseconds: number): string => new Date(milliseconds).toISOString();

const input: ConnectionInput = {
  id: 'con_aaaaaaaaaaaaaaaaaaaaaaaaaa',
  tenant: 'acme',
  provider: 'cloud',
  region: 'region-1',
  method: 'sign_in',
  name: null,
  tags: [],
  setup: {},
  discovery: null,
  invitation: { lifetimeSeconds: 14 * 86_400, passcodeRequired: false, confirm: false },
};

export const invitation = (epoch: number, more: Partial<Invitation> = {}): Invitation => ({
  epoch,
  expiresAt: isoAt(bornAt + 14 * 86_400_000),
  purpose: 'connect',
  passcodeRequired: false,
  confirm: false,
  allowDifferentAccount: false,
  ...more,
});

export const newConnection = (more: Partial<Invitation> = {}): ConnectionState =>
  initialState(input, invitation(1, more), isoAt(bornAt));

export const credential = (more: Partial<CredentialFacts> = {}): CredentialFacts => ({
  v: 1,
  generation: 1,
  renewable: true,
  scopes: ['all'],
  issuedAt: isoAt(bornAt),
  expiresAt: isoAt(bornAt + 3_600_000),
  nextRefreshAt: isoAt(bornAt + 2_880_000),
  ...more,
});

export const problem = (code = 'cloud_unavailable') => ({ code, message: 'It failed.', remedy: 'Wait.' });

export const grantReceived = (
  pendingRef: string,
  confirm = false,
): Extract<ConnectionEvent, { type: 'grantReceived' }> => ({
  type: 'grantReceived',
  stateHash: null,
  grant: {
    pendingRef,
    step: 'exchange',
    account: null,
    attemptsBefore: 0,
    lastProblem: null,
    deadline: isoAt(bornAt + 14 * 86_400_000),
    confirm,
    allowDifferentAccount: false,
    warnings: [],
  },
});

/** Applies events one second apart. */
export function after(state: ConnectionState, ...events: readonly ConnectionEvent[]): ConnectionState {
  return events.reduce(
    (current, event, index) => apply(current, event, isoAt(Date.parse(state.updatedAt) + (index + 1) * 1000)),
    state,
  );
}

/** A connection whose first grant came in and is in use. */
export const connected = (): ConnectionState =>
  after(
    newConnection(),
    grantReceived('first'),
    { type: 'grantAdvanced', pendingRef: 'first', step: 'proof' },
    { type: 'grantAdvanced', pendingRef: 'first', step: 'promotion', account: { id: 'ada', displayName: null } },
    { type: 'promoted', pendingRef: 'first', credential: credential() },
  );

/** An event that fits any state in which it is drawn: the epoch goes up by one, as the workflow's handlers do it. */
export type Draw = (state: ConnectionState) => ConnectionEvent;

const refs = fc.constantFrom('first', 'second', 'third');
const codes = fc.constantFrom('cloud_unavailable', 'invalid_grant', 'permission_missing').map(problem);
const always = (event: fc.Arbitrary<ConnectionEvent>): fc.Arbitrary<Draw> => event.map((value) => () => value);
const text = fc.string({ minLength: 1, maxLength: 8 });

export const anyDraw: fc.Arbitrary<Draw> = fc.oneof(
  fc.boolean().map((confirm) => (state: ConnectionState) => ({
    type: 'invited' as const,
    invitation: invitation(state.epoch + 1, { confirm }),
  })),
  always(
    fc.constantFrom<ConnectionEvent>(
      { type: 'invitationRevoked' },
      { type: 'paused' },
      { type: 'resumed' },
      { type: 'refreshForced' },
      { type: 'upkeepResumed' },
      { type: 'stopped' },
      { type: 'aboutWritten' },
      { type: 'upkeepInterrupted', until: isoAt(bornAt + 60_000) },
      { type: 'resealed', reply: { envelope: 'k2.sealed', attemptId: 'attempt', generation: 2 } },
    ),
  ),
  always(fc.record({ type: fc.constant('declined' as const), stateHash: text, problem: codes })),
  always(fc.record({ type: fc.constant('callbackIgnored' as const), stateHash: text })),
  always(fc.tuple(refs, fc.boolean()).map(([ref, confirm]) => grantReceived(ref, confirm))),
  always(
    fc.record({
      type: fc.constant('grantAdvanced' as const),
      pendingRef: refs,
      step: fc.constantFrom('proof' as const, 'confirmation' as const, 'promotion' as const),
      account: fc.record({ id: text, displayName: fc.constant(null) }),
    }),
  ),
  always(
    fc.record({
      type: fc.constant('grantWaiting' as const),
      pendingRef: refs,
      attempts: fc.nat({ max: 50 }),
      problem: codes,
    }),
  ),
  always(fc.record({ type: fc.constant('grantFailed' as const), pendingRef: refs, problem: codes })),
  always(refs.map((pendingRef) => ({ type: 'promoted' as const, pendingRef, credential: credential() }))),
  always(refs.map((pendingRef) => ({ type: 'discarded' as const, pendingRef }))),
  always(fc.nat({ max: 5 }).map((epoch) => ({ type: 'invitationLocked' as const, epoch }))),
  always(text.map((requestId) => ({ type: 'requestServed' as const, requestId }))),
  always(codes.map((warning) => ({ type: 'warned' as const, warnings: [warning] }))),
  fc
    .record({
      type: fc.constant('refreshed' as const),
      credential: fc.integer({ min: 1, max: 99 }).map((generation) => credential({ generation })),
      forced: fc.boolean(),
      replayed: fc.boolean(),
      warnings: fc.option(fc.array(codes, { maxLength: 2 }), { nil: null }),
    })
    // What never came in is never renewed.
    .map(
      (refreshed): Draw =>
        ({ credential: known }) =>
          known ? refreshed : { type: 'refreshForced' },
    ),
  always(
    fc.record({
      type: fc.constant('refreshFailed' as const),
      problem: codes,
      retryAt: fc.constant(isoAt(bornAt + 60_000)),
    }),
  ),
  always(fc.record({ type: fc.constant('refused' as const), problem: codes, mayHeal: fc.boolean() })),
  always(
    fc.option(refs).map((pendingRef) => ({
      type: 'replySealed' as const,
      sealed: { reply: { envelope: 'k1.sealed', attemptId: 'attempt', generation: 2 }, pendingRef, facts: null },
      retryAt: isoAt(bornAt + 60_000),
    })),
  ),
  always(
    fc
      .constantFrom('stored' as const, 'superseded' as const)
      .map((outcome) => ({ type: 'sealedSettled' as const, outcome })),
  ),
  always(text.map((name) => ({ type: 'annotated' as const, name, tags: [name] }))),
  always(
    fc.record({
      type: fc.constant('upkeepReported' as const),
      facts: fc.integer({ min: 1, max: 99 }).map((generation) => {
        const { renewable: _renewable, scopes: _scopes, ...facts } = credential({ generation });
        return facts;
      }),
    }),
  ),
  // What is stored belongs to an account that came in.
  fc.integer({ min: 1, max: 99 }).map((generation) => (state: ConnectionState) => ({
    type: 'recovered' as const,
    credential: state.account === null ? null : credential({ generation }),
    until: isoAt(bornAt + 14 * 86_400_000),
  })),
  always(
    fc.record({
      type: fc.constant('messageRefused' as const),
      message: fc.constantFrom('callback', 'discoveryDone'),
      reason: text,
    }),
  ),
);

const { ref } = newConnection();
const tombstone: Tombstone = {
  connection: ref,
  account: null,
  revocation: { outcome: 'nothing_to_revoke' },
  disconnectedAt: '2026-11-23T08:00:00.000Z',
  status: 'disconnected',
  request: null,
};

/** What ends a connection, and what a disconnect leads through. */
export const endingDraw: fc.Arbitrary<Draw> = always(
  fc.constantFrom<ConnectionEvent>(
    { type: 'invitationLapsed' },
    { type: 'disconnectRequested' },
    { type: 'retired' },
    { type: 'revoked', revocation: { outcome: 'nothing_to_revoke' } },
    { type: 'disconnected', tombstone },
  ),
);

/** A life: drawn events, each a second after the one before. Answers every state it went through. */
export function live(draws: readonly Draw[], from: ConnectionState = newConnection()): ConnectionState[] {
  const states = [from];
  for (const [index, draw] of draws.entries()) {
    const state = states.at(-1) ?? from;
    states.push(apply(state, draw(state), isoAt(bornAt + index * 1000)));
  }
  return states;
}
