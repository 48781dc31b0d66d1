import type {
  Account,
  ConnectionRef,
  ConnectionStatus,
  CredentialFacts,
  Freshness,
  RequestMemo,
  RevocationOutcome,
  TimelineEntry,
  Tombstone,
} from './connection.ts';
import type { BatchActivities } from './batches.ts';
import type { BulkActivities } from './bulk.ts';
import type { DiscoveryActivities } from './discovery.ts';
import type { Problem } from './problem.ts';
import type { ReconcileActivities } from './reconcile.ts';
import type { ValidationActivities } from './validation.ts';
import type { ReplayActivities } from './webhook-replays.ts';
import type { WebhookActivities, WebhookEvent } from './webhooks.ts';

/** Failure types (`ApplicationFailure.type`) that a workflow may get; any other type is a bug. */
export const failureTypes = {
  /** A grant has not propagated, or a cloud or store is unavailable. Retried by the activity's retry policy. Benign. */
  notYet: 'not_yet',
  /** `keepFresh` asks for a retry at the next renewal; `details[0]` is an {@link UpkeepReport}. Benign. */
  askAgain: 'ask_again',
} as const;

/** The report of one attempt of `keepFresh`, in the failure that asks for the next one. At most 1 KB as JSON. */
export type UpkeepReport = { readonly v: 1 } & Partial<Freshness> & {
    /** Why the renewal that was due has not happened. Absent where all is well. */
    readonly problem?: Problem;
  };

/** Timeline entries that are not published yet. The next activity gets them with its input and publishes them first. */
export interface News {
  readonly status: ConnectionStatus;
  readonly problem: Problem | null;
  readonly warnings: readonly Problem[];
  readonly entries: readonly TimelineEntry[];
}

export interface WithNews {
  readonly news: News | null;
}

/** Events for the endpoints of the tenant. An activity starts their deliveries, as often as it takes. */
export interface WithEvents extends WithNews {
  /** Oldest first. Absent in inputs of older builds. */
  readonly events?: readonly WebhookEvent[];
}

/** True where a delivery was started for each endpoint and event of the input. Absent: they must be given again. */
export interface Told {
  readonly told?: boolean;
}

/** A provider's reply that the secret store did not take, sealed with AES-256-GCM under the key ring. */
export interface SealedReply {
  readonly envelope: string;
  readonly attemptId: string;
  /** The generation this reply becomes once it is stored. */
  readonly generation: number;
}

export interface ExchangeInput extends WithNews {
  readonly connection: ConnectionRef;
  readonly pendingRef: string;
  readonly attemptId: string;
  readonly code: string;
  readonly sealedVerifier: string;
  readonly iss: string | null;
  readonly redirectUri: string;
  /** For promoting the grant in the same attempt. Null where a person has to confirm the account first. */
  readonly promotion: {
    readonly about: ConnectionAbout;
    /** The only account that may connect; null = any. */
    readonly accountId: string | null;
  } | null;
}

/**
 * A code can be used only once (RFC 6749, 4.1.2), so there is no outcome "timed out": either the request was not sent
 * (`not_sent`), or the code may be spent (`ambiguous`).
 */
export type ExchangeOutcome =
  | {
      readonly outcome: 'granted';
      readonly warnings: readonly Problem[];
      /** The proof of the grant, if the same attempt made it; null = it is still to be proven. */
      readonly proof: ProofOutcome | null;
      /** Set if the same attempt promoted the grant; null = it is still to be promoted. */
      readonly credential: CredentialFacts | null;
    }
  | { readonly outcome: 'sealed'; readonly sealed: SealedReply; readonly warnings: readonly Problem[] }
  /** The request was not sent, so it may be sent again. */
  | { readonly outcome: 'not_sent'; readonly problem: Problem }
  /** The code may have been redeemed, and the reply was lost: the customer must sign in again. */
  | { readonly outcome: 'ambiguous'; readonly problem: Problem }
  | { readonly outcome: 'refused'; readonly problem: Problem }
  | { readonly outcome: 'misconfigured'; readonly problem: Problem };

export interface ProofInput {
  readonly connection: ConnectionRef;
  readonly pendingRef: string;
}

/** Proof that a pending grant works. "Not yet" is thrown as a benign failure, which the retry policy retries. */
export type ProofOutcome =
  | {
      readonly outcome: 'proven';
      readonly account: Account;
      /** Keyed digest of the account's id, to search by. Absent where the account is not taken in. */
      readonly accountDigest?: string;
      readonly warnings: readonly Problem[];
    }
  | { readonly outcome: 'refused'; readonly problem: Problem };

export interface PromoteInput {
  readonly connection: ConnectionRef;
  readonly pendingRef: string;
  readonly about: ConnectionAbout;
}

export type PromoteOutcome =
  | { readonly outcome: 'promoted'; readonly credential: CredentialFacts }
  /** The grant was deleted or is unreadable: the customer must sign in again. */
  | { readonly outcome: 'refused'; readonly problem: Problem };

/**
 * What is needed to start a connection again after its workflow was ended from outside. Kept under `live/{id}/about`;
 * holds no secret.
 */
export interface ConnectionAbout {
  readonly v: 1;
  readonly connection: ConnectionRef;
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly setup: Readonly<Record<string, string>>;
  readonly account: Account | null;
  readonly epoch: number;
  readonly createdAt: string;
  readonly discovery: { readonly intervalSeconds: number | null; readonly concurrency: number } | null;
  readonly request: RequestMemo | null;
}

/**
 * The input of `keepFresh`. All attempts of up to a day get this same input, so it holds nothing that a renewal
 * changes: no generation, no attempt id, no due time.
 */
export interface KeepFreshInput extends WithEvents {
  readonly v: 1;
  readonly connection: ConnectionRef;
  /** ISO 8601. The first attempt after this time returns, so that the workflow can continue as a new run. */
  readonly returnAt: string;
  /**
   * ISO 8601: degraded since then. A renewal is retried with backoff until one succeeds, however long the credential is
   * still valid, and its success is returned. Null = not degraded.
   */
  readonly degradedSince: string | null;
  /**
   * The cloud refused, the customer was asked to act, and asking again costs nothing: it is asked again every hour
   * until it accepts. `degradedSince` is then the time of the refusal.
   */
  readonly isRefused: boolean;
  /** ISO 8601: nothing is tried before this (the backoff after the failure that degraded it). Null = at once. */
  readonly notBefore: string | null;
  /** Codes of the renewal warnings that the workflow knows; a change of them is returned. */
  readonly knownWarnings: readonly string[];
  /** The discovery to start when one is due; null where this way of connecting discovers nothing. */
  readonly discovery: {
    readonly epoch: number;
    readonly intervalSeconds: number | null;
    readonly concurrency: number;
  } | null;
}

/** What the workflow must act on. While there is nothing to act on, `keepFresh` does not return. */
export type KeepFreshOutcome = { readonly v: 1 } & Told &
  (
    | {
        /** Fresh; returned because the day is over, a degraded connection has recovered, or warnings have changed. */
        readonly outcome: 'fresh';
        readonly facts: CredentialFacts;
        /** True when a renewal whose reply was lost was repeated, and succeeded. */
        readonly replayed: boolean;
        /** Null where no renewal took place. */
        readonly warnings: readonly Problem[] | null;
      }
    | { readonly outcome: 'sealed'; readonly sealed: SealedReply; readonly facts: CredentialFacts }
    | { readonly outcome: 'unavailable'; readonly problem: Problem; readonly retryAfterSeconds: number | null }
    | RefusedOutcome
  );

export interface RefusedOutcome {
  readonly outcome: 'refused';
  readonly problem: Problem;
  /** Asking again spends nothing, so that it can be asked every hour whether the refusal still stands. */
  readonly mayHeal?: boolean;
}

export interface RefreshInput {
  readonly connection: ConnectionRef;
  /** Unix milliseconds: when the caller asked. A credential issued later answers the request, and nothing is spent. */
  readonly askedAtMs: number;
  /** Identifies this request, so that a repeated attempt recognises the credential that an earlier one obtained. */
  readonly requestId: string;
  /**
   * Seconds. A credential that is still valid this long, or is younger than a minute, answers the request. Null = renew
   * now.
   */
  readonly minTtlSeconds: number | null;
}

export type RefreshOutcome =
  | {
      readonly outcome: 'refreshed';
      readonly facts: CredentialFacts;
      readonly replayed: boolean;
      /** All warnings of this renewal; they replace those of the previous one. */
      readonly warnings: readonly Problem[];
    }
  /** The stored credential answers the request; nothing was spent. */
  | { readonly outcome: 'already_fresh'; readonly facts: CredentialFacts }
  | { readonly outcome: 'sealed'; readonly sealed: SealedReply; readonly facts: CredentialFacts }
  | {
      readonly outcome: 'unavailable';
      readonly problem: Problem;
      readonly retryAfterSeconds: number | null;
      /** True where the whole provider or the secret store is unavailable: that degrades no single connection. */
      readonly providerWide: boolean;
    }
  | RefusedOutcome;

export interface StoreSealedInput {
  readonly connection: ConnectionRef;
  readonly sealed: SealedReply;
  /** Where the reply belongs: the live record, or a pending one (a sign-in's). */
  readonly pendingRef: string | null;
}

export interface RevokeInput {
  readonly connection: ConnectionRef;
  readonly sealed: SealedReply | null;
}

/** Every activity of the connection workflow. Facts go in and out; secrets stay in the stores. */
export interface ConnectionActivities {
  /** Redeems an authorization code and puts the grant under `pending/`. */
  exchangeCode(input: ExchangeInput): Promise<ExchangeOutcome>;
  /** Finds out how an interrupted exchange ended: its grant may be stored, or in use already. Spends nothing. */
  recoverExchange(input: ProofInput): Promise<ExchangeOutcome>;
  /** Proves that a pending grant works and says whose account it is. */
  proveGrant(input: ProofInput & WithEvents): Promise<ProofOutcome & Told>;
  /** Moves a proven grant from `pending/` to `live/`. Idempotent. */
  promoteGrant(input: PromoteInput): Promise<PromoteOutcome>;
  /** Writes the record from which a lost connection is started again. Idempotent. */
  writeAbout(input: { readonly about: ConnectionAbout }): Promise<void>;
  /** Revokes and drops a grant that is not wanted: refused, expired, replaced or never confirmed. Idempotent. */
  discardGrant(input: ProofInput): Promise<void>;
  /** Keeps the credential fresh for a day: renews it when due, and returns when the workflow must act. */
  keepFresh(input: KeepFreshInput): Promise<KeepFreshOutcome>;
  /** One attempt of the refresh protocol, for a caller who waits for it. */
  refreshCredential(input: RefreshInput): Promise<RefreshOutcome>;
  storeSealed(input: StoreSealedInput): Promise<{ readonly outcome: 'stored' | 'superseded' }>;
  /** Seals a reply again under the current key, so that a retired key is not needed for it. */
  resealReply(input: { readonly connection: ConnectionRef; readonly sealed: SealedReply }): Promise<SealedReply>;
  /** First step of disconnecting: moves `live/` to `revoking/`, so that it is no longer handed out. Idempotent. */
  retireCredential(input: { readonly connection: ConnectionRef }): Promise<void>;
  /** Stops handing the credential out, and keeps what renews it. Idempotent. */
  withdrawAccess(input: { readonly connection: ConnectionRef }): Promise<void>;
  /** Hands the credential out again after {@link withdrawAccess}. Null where nothing is stored. Idempotent. */
  restoreAccess(input: { readonly connection: ConnectionRef }): Promise<CredentialFacts | null>;
  revokeCredential(input: RevokeInput): Promise<RevocationOutcome>;
  /** Destroys every version of every secret of the connection. Idempotent. */
  destroySecrets(input: { readonly connection: ConnectionRef }): Promise<void>;
  /** Keeps what was revoked and when, beyond Temporal's retention. Idempotent. */
  writeTombstone(input: { readonly tombstone: Tombstone }): Promise<void>;
  /** Asks the cloud whether the live credential works. "Not yet" is thrown, as by `proveGrant`. */
  verifyCredential(input: { readonly connection: ConnectionRef }): Promise<ProofOutcome>;
  /**
   * Appends news to the tenant's event stream, and publishes the connection's condition for readers: best effort, once.
   * Then starts the deliveries of its events; throws "not yet" until that is done.
   */
  publishNews(input: WithEvents & { readonly connection: ConnectionRef }): Promise<Told>;
}

/** Every activity. A worker is given all of them; one that is missing does not compile. */
export interface Activities
  extends
    ConnectionActivities,
    BatchActivities,
    BulkActivities,
    DiscoveryActivities,
    ValidationActivities,
    ReconcileActivities,
    WebhookActivities,
    ReplayActivities {}
