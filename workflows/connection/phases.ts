import type {
  Account,
  ConnectionRef,
  CredentialFacts,
  Freshness,
  InvitationView,
  RequestMemo,
  RevocationOutcome,
  TimelineEntry,
  Tombstone,
} from '../../contracts/connection.ts';
import { assertNever } from '../../contracts/assert-never.ts';
import { initialDiscovery, type DiscoveryEvent, type DiscoveryState } from '../discovery/state.ts';
import type { SealedReply } from '../../contracts/activities.ts';
import type { ConnectionInput } from '../../contracts/messages.ts';
import { createdEvent } from '../../contracts/webhook-events.ts';
import type { PublicEvents } from '../../contracts/webhooks.ts';
import { problems, type Problem } from '../../contracts/problem.ts';

/**
 * The life of a connection. Every change is an event applied by
 * `state.ts`, and nowhere else:
 *
 *   awaiting_customer ──grantReceived──▶ verifying ──promoted──▶ active ⇄ degraded
 *          ▲  │                             │                      │        │
 *          │  └─invitationLapsed─▶ expired  └─grantFailed─┐        └refused─┴▶ action_required
 *          └──────────────────────────────────────────────┴─(or back to where a re-authorisation began)
 *
 *   active, degraded, action_required ──paused──▶ paused ──resumed──▶ where it was
 *   every living state ──stopped──▶ stopped ──recovered──▶ active, or awaiting_customer where it never came in
 *   every state but expired ──disconnectRequested──▶ disconnecting ──disconnected──▶ disconnected
 *
 * Times are ISO 8601 strings; state is JSON alone, because it is carried from run to run.
 */
export interface ConnectionState {
  /** Version of this shape; `versions.ts` brings an older one up to it. */
  readonly v: 2;
  readonly ref: ConnectionRef;
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly setup: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly phase: Phase;
  /** The last epoch given out; an invitation, link or callback of another one is refused. */
  readonly epoch: number;
  readonly invitation: Invitation | null;
  readonly account: Account | null;
  /** As of the last change that the workflow knows of: upkeep renews it many times a day without notifying it. */
  readonly credential: CredentialFacts | null;
  /** A cloud's reply that the secret store could not take. While there is one, no refresh starts. */
  readonly sealed: SealedState | null;
  readonly warnings: readonly Problem[];
  /** Warnings of the newest renewal; they replace those of the one before. */
  readonly renewalWarnings: readonly Problem[];
  readonly timeline: readonly TimelineEntry[];
  /** Hashes of OAuth states that arrived: each is served once. */
  readonly servedStates: readonly string[];
  /** Pending grants that are no longer wanted and still have to be revoked and dropped. */
  readonly discards: readonly string[];
  /** Ids of requests that were served: Temporal dedupes update ids only within a run. */
  readonly requests: readonly string[];
  /** Null where this way of connecting discovers nothing. */
  readonly discovery: DiscoveryState | null;
  /** When the last refresh that a caller forced ended, well or not. */
  readonly forcedAt: string | null;
  /** True while the record that a lost connection is rebuilt from (`live/{id}/about`) is older than this state. */
  readonly aboutStale: boolean;
  /** The request that started it; kept with the tombstone. */
  readonly request: RequestMemo | null;
  /** ISO 8601: upkeep ended in an unknown way and does not start again before this time. */
  readonly upkeepHeldUntil: string | null;
  /** Keyed digests to search by; a workflow cannot make them. Absent for what was set at the start. */
  readonly digests?: { readonly account?: string; readonly name?: readonly string[] };
  /** What endpoints of webhooks are told; see `public-events.ts`. */
  readonly events: PublicEvents;
}

export interface Invitation extends Omit<InvitationView, 'locked'> {
  readonly allowDifferentAccount: boolean;
  /** Absent while it is not, as in the states of older runs. */
  readonly locked?: true;
}

export interface SealedState {
  readonly reply: SealedReply;
  /** Null = the reply of a refresh; else of the sign-in pending under this reference. */
  readonly pendingRef: string | null;
  readonly facts: CredentialFacts | null;
}

/** The phase that a connection returns to when a sign-in fails, or a pause ends. */
export type Resting = Extract<Phase, { status: 'awaiting_customer' | 'active' | 'degraded' | 'action_required' }>;

export interface Grant {
  readonly pendingRef: string;
  readonly step: 'exchange' | 'proof' | 'confirmation' | 'promotion';
  readonly account: Account | null;
  readonly accountDigest?: string;
  readonly attemptsBefore: number;
  readonly lastProblem: Problem | null;
  /** When waiting for it ends. */
  readonly deadline: string;
  readonly confirm: boolean;
  readonly allowDifferentAccount: boolean;
  readonly warnings: readonly Problem[];
  readonly returnTo: Resting;
}

export type Phase =
  | {
      readonly status: 'awaiting_customer';
      readonly since: string;
      readonly until: string;
      readonly problem: Problem | null;
    }
  | { readonly status: 'verifying'; readonly since: string; readonly grant: Grant }
  | { readonly status: 'active'; readonly since: string }
  | {
      readonly status: 'degraded';
      readonly since: string;
      readonly problem: Problem;
      readonly failures: number;
      readonly retryAt: string;
    }
  | {
      readonly status: 'action_required';
      readonly since: string;
      readonly problem: Problem;
      /** Asking the cloud again spends nothing: upkeep asks every hour whether it still refuses. */
      readonly mayHeal: boolean;
    }
  | { readonly status: 'paused'; readonly since: string; readonly returnTo: Resting }
  /** Its workflow was ended from outside: nothing is renewed or handed out until a person decides. */
  | { readonly status: 'stopped'; readonly since: string; readonly problem: Problem }
  | {
      readonly status: 'disconnecting';
      readonly since: string;
      readonly step: 'retire' | 'revoke' | 'destroy';
      readonly revocation: RevocationOutcome | null;
    }
  | { readonly status: 'disconnected'; readonly since: string; readonly tombstone: Tombstone }
  | { readonly status: 'expired'; readonly since: string; readonly problem: Problem };

export type ConnectionEvent =
  | { readonly type: 'invited'; readonly invitation: Invitation }
  | { readonly type: 'invitationRevoked' }
  | { readonly type: 'invitationLapsed' }
  | { readonly type: 'invitationLocked'; readonly epoch: number }
  | { readonly type: 'declined'; readonly stateHash: string; readonly problem: Problem }
  | { readonly type: 'callbackIgnored'; readonly stateHash: string }
  | { readonly type: 'grantReceived'; readonly grant: Omit<Grant, 'returnTo'>; readonly stateHash: string | null }
  /** Each names its grant: a late outcome of a replaced grant must not change its successor. */
  | {
      readonly type: 'grantAdvanced';
      readonly pendingRef: string;
      readonly step: Grant['step'];
      readonly account?: Account;
      readonly accountDigest?: string | undefined;
    }
  | {
      readonly type: 'grantWaiting';
      readonly pendingRef: string;
      readonly attempts: number;
      readonly problem: Problem;
    }
  | { readonly type: 'grantFailed'; readonly pendingRef: string; readonly problem: Problem }
  | DiscoveryEvent
  | { readonly type: 'discarded'; readonly pendingRef: string }
  | { readonly type: 'requestServed'; readonly requestId: string }
  | { readonly type: 'warned'; readonly warnings: readonly Problem[] }
  | { readonly type: 'promoted'; readonly pendingRef: string; readonly credential: CredentialFacts }
  | {
      readonly type: 'refreshed';
      readonly credential: CredentialFacts;
      readonly forced: boolean;
      readonly replayed: boolean;
      /** Null where no renewal took place, or its warnings are not at hand. */
      readonly warnings: readonly Problem[] | null;
    }
  /** A refresh that a caller forced has ended, well or not: the next one may come a minute later. */
  | { readonly type: 'refreshForced' }
  /** Reported by an attempt of upkeep that was cancelled while it ran. */
  | { readonly type: 'upkeepReported'; readonly facts: Freshness }
  | { readonly type: 'upkeepInterrupted'; readonly until: string }
  | { readonly type: 'upkeepResumed' }
  | { readonly type: 'refreshFailed'; readonly problem: Problem; readonly retryAt: string }
  | { readonly type: 'refused'; readonly problem: Problem; readonly mayHeal?: boolean }
  | { readonly type: 'replySealed'; readonly sealed: SealedState; readonly retryAt: string }
  | { readonly type: 'sealedSettled'; readonly outcome: 'stored' | 'superseded' }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' }
  | { readonly type: 'stopped' }
  /** Null if nothing is stored: the customer must sign in again. */
  | { readonly type: 'recovered'; readonly credential: CredentialFacts | null; readonly until: string }
  | { readonly type: 'aboutWritten' }
  /** Events have a delivery for each endpoint. */
  | { readonly type: 'told'; readonly ids: readonly string[] }
  | { readonly type: 'messageRefused'; readonly message: string; readonly reason: string }
  | { readonly type: 'resealed'; readonly reply: SealedReply }
  | {
      readonly type: 'annotated';
      readonly name: string | null;
      readonly tags: readonly string[];
      /** Of another name. */
      readonly nameDigests?: readonly string[];
    }
  | { readonly type: 'disconnectRequested' }
  | { readonly type: 'retired' }
  | { readonly type: 'revoked'; readonly revocation: RevocationOutcome }
  | { readonly type: 'disconnected'; readonly tombstone: Tombstone };

export function initialState(
  input: ConnectionInput,
  invitation: Invitation,
  at: string,
  request: RequestMemo | null = null,
  /** When the API made it, which has told so already: what is told again must be the same. */
  madeAt = at,
): ConnectionState {
  const { id, tenant, provider, region, method, name, tags } = input;
  const ref = { id, tenant, provider, region, method };
  const created = createdEvent({
    ...ref,
    name,
    tags,
    account: null,
    status: 'awaiting_customer',
    statusSince: madeAt,
  });
  return {
    v: 2,
    ref,
    name,
    tags,
    setup: input.setup,
    createdAt: at,
    updatedAt: at,
    phase: { status: 'awaiting_customer', since: at, until: invitation.expiresAt, problem: null },
    epoch: invitation.epoch,
    invitation,
    account: null,
    credential: null,
    sealed: null,
    warnings: [],
    renewalWarnings: [],
    timeline: [
      {
        at,
        event: 'invited',
        text: `Invitation made; it runs out at ${invitation.expiresAt}.`,
        ...(input.by && { by: input.by }),
      },
    ],
    servedStates: [],
    discards: [],
    discovery: input.discovery && initialDiscovery(input.discovery),
    requests: [],
    forcedAt: null,
    aboutStale: false,
    request,
    upkeepHeldUntil: null,
    events: { sequence: 1, untold: [created] },
  };
}

export const isResting = (phase: Phase): phase is Resting =>
  phase.status === 'awaiting_customer' ||
  phase.status === 'active' ||
  phase.status === 'degraded' ||
  phase.status === 'action_required';

export const isFinal = (state: ConnectionState): boolean =>
  state.phase.status === 'disconnected' || state.phase.status === 'expired';

/** What is wrong at present, wherever the phase keeps it. */
export function problemOf(phase: Phase): Problem | null {
  switch (phase.status) {
    case 'verifying':
      return phase.grant.step === 'confirmation' ? problems.confirmationRequired : phase.grant.lastProblem;
    case 'awaiting_customer':
    case 'degraded':
    case 'action_required':
    case 'stopped':
    case 'expired':
      return phase.problem;
    case 'paused':
      return problemOf(phase.returnTo);
    case 'active':
    case 'disconnecting':
    case 'disconnected':
      return null;
    default:
      return assertNever(phase);
  }
}
