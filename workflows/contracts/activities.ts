import type {
  Account,
  ConnectionRef,
  ConnectionView,
  CredentialFacts,
  RevocationOutcome,
  TimelineEntry,
  Tombstone,
} from './connection.ts';
import type { Problem } from './problem.ts';

/** Failure types (`ApplicationFailure.type`) that a workflow may meet; all else is a bug. */
export const failureTypes = {
  /** Not yet: propagation, or a cloud that is unavailable. Retried by the activity's own policy. Benign. */
  notYet: 'not_yet',
} as const;

/** A provider's reply in hand that the secret store would not take: AES-256-GCM under the key ring. */
export interface SealedReply {
  readonly envelope: string;
  readonly attemptId: string;
  /** The generation this reply becomes once it is stored. */
  readonly generation: number;
}

export interface ExchangeInput {
  readonly connection: ConnectionRef;
  readonly pendingRef: string;
  readonly attemptId: string;
  readonly code: string;
  readonly sealedVerifier: string;
  readonly iss: string | null;
  readonly redirectUri: string;
}

/** Codes are single use (RFC 6749, 4.1.2), so every end of an exchange is told apart, and none is a time-out. */
export type ExchangeOutcome =
  | { readonly outcome: 'granted'; readonly warnings: readonly Problem[] }
  | { readonly outcome: 'sealed'; readonly sealed: SealedReply; readonly warnings: readonly Problem[] }
  /** The request surely did not leave: it may be sent again. */
  | { readonly outcome: 'not_sent'; readonly problem: Problem }
  /** It may have been redeemed and the reply is lost: sign in again. */
  | { readonly outcome: 'ambiguous'; readonly problem: Problem }
  | { readonly outcome: 'refused'; readonly problem: Problem }
  | { readonly outcome: 'misconfigured'; readonly problem: Problem };

export interface ProofInput {
  readonly connection: ConnectionRef;
  readonly pendingRef: string;
}

/** Proof that a pending grant works. "Not yet" is thrown, as a benign failure that the retry policy serves. */
export type ProofOutcome =
  | { readonly outcome: 'proven'; readonly account: Account; readonly warnings: readonly Problem[] }
  | { readonly outcome: 'refused'; readonly problem: Problem };

export interface PromoteInput {
  readonly connection: ConnectionRef;
  readonly pendingRef: string;
  readonly account: Account;
}

export interface RefreshInput {
  readonly connection: ConnectionRef;
  readonly expectedGeneration: number;
  /** Unique for each refresh the workflow asks for; the same when one execution of it is repeated. */
  readonly attemptId: string;
  /** 0 ≤ x < 1, drawn by the workflow: places the next refresh (`placeCredential`). */
  readonly jitter: number;
  /** The view to publish with the new facts merged in, since this activity runs anyway. */
  readonly view: ConnectionView;
}

export type RefreshOutcome =
  | {
      readonly outcome: 'refreshed';
      readonly facts: CredentialFacts;
      readonly replayed: boolean;
      /** All that the cloud's answer gives cause for; those of the renewal before hold no longer. */
      readonly warnings: readonly Problem[];
    }
  /** Somebody already stored a newer generation: nothing was spent. */
  | { readonly outcome: 'already_fresh'; readonly facts: CredentialFacts }
  /** Another execution may be spending the token at this moment. */
  | { readonly outcome: 'busy'; readonly retryInSeconds: number }
  /** This worker has enough local refreshes in flight for the provider: use the regular activity. */
  | { readonly outcome: 'saturated' }
  | { readonly outcome: 'sealed'; readonly sealed: SealedReply; readonly facts: CredentialFacts }
  | { readonly outcome: 'unavailable'; readonly problem: Problem; readonly retryAfterSeconds: number | null }
  | { readonly outcome: 'refused'; readonly problem: Problem }
  | { readonly outcome: 'misconfigured'; readonly problem: Problem };

export interface StoreSealedInput {
  readonly connection: ConnectionRef;
  readonly sealed: SealedReply;
  /** Where the reply belongs: the live record, or a pending one (a sign-in's). */
  readonly pendingRef: string | null;
}

export interface StoreSealedOutcome {
  readonly outcome: 'stored' | 'superseded';
}

export interface RevokeInput {
  readonly connection: ConnectionRef;
  readonly sealed: SealedReply | null;
}

/** Every activity of the connection workflow. Facts go in and out; secrets stay in the stores. */
export interface ConnectionActivities {
  /** Redeems an authorization code and puts the grant under `pending/`. */
  exchangeCode(input: ExchangeInput): Promise<ExchangeOutcome>;
  /** Proves that a pending grant works and says whose account it is. */
  proveGrant(input: ProofInput): Promise<ProofOutcome>;
  /** Moves a proven grant from `pending/` to `live/`. Idempotent. */
  promoteGrant(input: PromoteInput): Promise<CredentialFacts>;
  /** Revokes and drops a grant that is not wanted: refused, expired, replaced or never confirmed. Idempotent. */
  discardGrant(input: ProofInput): Promise<void>;
  /** The refresh protocol; the same code as a local activity and as a regular one. */
  refreshCredential(input: RefreshInput): Promise<RefreshOutcome>;
  storeSealed(input: StoreSealedInput): Promise<StoreSealedOutcome>;
  /** First step of disconnecting: moves `live/` to `revoking/`, so that nobody reads it any more. Idempotent. */
  retireCredential(input: { readonly connection: ConnectionRef }): Promise<void>;
  revokeCredential(input: RevokeInput): Promise<RevocationOutcome>;
  /** Destroys every version of every secret of the connection. Idempotent. */
  destroySecrets(input: { readonly connection: ConnectionRef }): Promise<void>;
  /** Keeps what was revoked and when, beyond Temporal's retention. Idempotent. */
  writeTombstone(input: { readonly tombstone: Tombstone }): Promise<void>;
  /** Asks the cloud whether the live credential works. "Not yet" is thrown, as by `proveGrant`. */
  verifyCredential(input: { readonly connection: ConnectionRef }): Promise<ProofOutcome>;
  /** Publishes the view and what happened, for readers that must not depend on a worker. */
  publishView(input: { readonly view: ConnectionView; readonly events: readonly TimelineEntry[] }): Promise<void>;
}
