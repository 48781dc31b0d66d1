import type { Actor } from './actor.ts';
import type { DiscoveryView } from './discovery.ts';
import type { Problem } from './problem.ts';

/** The states of a connection's life; the transitions between them are in `workflows/connection/state.ts`. */
export const connectionStatuses = [
  'awaiting_customer',
  'verifying',
  'active',
  'degraded',
  'action_required',
  'paused',
  'stopped',
  'disconnecting',
  'disconnected',
  'expired',
] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];

/** Identifies a connection to activities: enough to find its secrets and its provider. Holds no secret. */
export interface ConnectionRef {
  readonly id: string;
  readonly tenant: string;
  readonly provider: string;
  /** The provider's region, endpoint or partition; each provider has at least one. */
  readonly region: string;
  readonly method: string;
}

/** The connected cloud account, with the id and the name that the cloud gives it. */
export interface Account {
  readonly id: string;
  readonly displayName: string | null;
}

/** When the stored credential was issued and when it is renewed next. What `keepFresh` reports with each attempt. */
export interface Freshness {
  /** Version of this shape; a reader that does not know it ignores the report. */
  readonly v: 1;
  /** Counts what the provider has issued: 1 for the first, +1 for each renewal and re-authorisation. */
  readonly generation: number;
  /** ISO 8601, by the clock of the worker that received it. */
  readonly issuedAt: string;
  /** ISO 8601; null = does not expire. */
  readonly expiresAt: string | null;
  /** ISO 8601; null = there is nothing to renew it with. */
  readonly nextRefreshAt: string | null;
}

/** Facts about the stored credential; never the credential. */
export interface CredentialFacts extends Freshness {
  /** False when the provider gave nothing to renew with. */
  readonly renewable: boolean;
  readonly scopes: readonly string[];
}

export interface InvitationView {
  /** Goes up with every new or revoked invitation; a link or a callback of an older epoch is refused. */
  readonly epoch: number;
  readonly expiresAt: string;
  readonly purpose: 'connect' | 'reauthorize';
  readonly passcodeRequired: boolean;
  readonly confirm: boolean;
  /** The passcode was wrong too often: the link lets nobody in any more. */
  readonly locked: boolean;
}

/** A step that is retried until it succeeds (propagation, an unavailable cloud), and its last problem. */
export interface VerificationView {
  readonly step: 'exchange' | 'proof' | 'confirmation' | 'promotion';
  readonly attemptsBefore: number;
  readonly lastProblem: Problem | null;
  /** The account that signed in, before it is confirmed. */
  readonly account: Account | null;
}

/**
 * What is kept of a connection that has ended. It stays in the secret store for ever, because Temporal deletes the
 * workflow after the namespace's retention.
 */
export interface Tombstone {
  readonly connection: ConnectionRef;
  readonly account: Account | null;
  readonly revocation: RevocationOutcome;
  readonly disconnectedAt: string;
  /** How it ended: disconnected on request, or never completed by the customer. */
  readonly status: 'disconnected' | 'expired';
  /** The request that started it, so that a repeat is recognised for ever. Null where none was recorded. */
  readonly request: RequestMemo | null;
}

/** Lets a repeated start request be recognised and get the same answer. Kept in the workflow's memo. */
export interface RequestMemo {
  /** Keyed digest of the request's body. */
  readonly digest: string;
  /** When the first link expires, by the clock of the process that made it. ISO 8601. */
  readonly invitationExpiresAt: string;
}

export type RevocationOutcome =
  | { readonly outcome: 'revoked'; readonly revoked: readonly string[] }
  | { readonly outcome: 'nothing_to_revoke' }
  | { readonly outcome: 'unsupported'; readonly note: string }
  | { readonly outcome: 'failed'; readonly problem: Problem };

/** The public view of a connection: in answers of the API, in the query `view` and in the workflow's memo. */
export interface ConnectionView extends ConnectionRef {
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly status: ConnectionStatus;
  readonly statusSince: string;
  readonly problem: Problem | null;
  readonly warnings: readonly Problem[];
  readonly account: Account | null;
  /** Values that were made for this connection, by name; its guide shows them to the customer. */
  readonly setup: Readonly<Record<string, string>>;
  readonly credential: CredentialFacts | null;
  readonly invitation: InvitationView | null;
  readonly verification: VerificationView | null;
  /** Null where this way of connecting discovers nothing. */
  readonly discovery: DiscoveryView | null;
  readonly tombstone: Tombstone | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface TimelineEntry {
  readonly at: string;
  /** A stable event name, e.g. `invited`, `signed_in`, `refreshed`, `refresh_unavailable`. */
  readonly event: string;
  /** One sentence for people. */
  readonly text: string;
  /** Who asked for it. Absent for what Mooring did by itself, and in entries of older builds. */
  readonly by?: Actor;
}
