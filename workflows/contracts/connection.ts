import type { DiscoveryView } from './discovery.ts';
import type { Problem } from './problem.ts';

/** The states of a connection's life; `connection.state.ts` says how it goes from one to the next. */
export const connectionStatuses = [
  'awaiting_customer',
  'verifying',
  'active',
  'degraded',
  'action_required',
  'paused',
  'disconnecting',
  'disconnected',
  'expired',
] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];

/** What names a connection to activities: enough to find its secrets and its provider, and nothing secret. */
export interface ConnectionRef {
  readonly id: string;
  readonly tenant: string;
  readonly provider: string;
  /** The provider's region, endpoint or partition; each provider has at least one. */
  readonly region: string;
  readonly method: string;
}

/** The cloud account that came in, as the cloud names it. */
export interface Account {
  readonly id: string;
  readonly displayName: string | null;
}

/** Facts about the stored credential; never the credential. */
export interface CredentialFacts {
  /** Counts what the provider has issued: 1 for the first, +1 for each renewal and re-authorisation. */
  readonly generation: number;
  /** Life left at the moment of the answer, in seconds; null = does not expire. The workflow adds it to its own now. */
  readonly ttlSeconds: number | null;
  /** Lifetime as the provider issued it (`expires_in`), in seconds: the most that a reader can ask for. */
  readonly lifetimeSeconds: number | null;
  /** False when the provider gave nothing to renew with. */
  readonly renewable: boolean;
  readonly scopes: readonly string[];
}

/** Credential facts as the workflow keeps them: placed in time by the workflow's own clock. */
export interface CredentialView extends CredentialFacts {
  readonly issuedAt: string;
  readonly expiresAt: string | null;
  readonly nextRefreshAt: string | null;
}

export interface InvitationView {
  /** Goes up with every new or revoked invitation; a link or a callback of an older epoch is refused. */
  readonly epoch: number;
  readonly expiresAt: string;
  readonly purpose: 'connect' | 'reauthorize';
  readonly passcodeRequired: boolean;
  readonly confirm: boolean;
}

/** The last tries of a step that is waited out (propagation, an unavailable cloud). */
export interface VerificationView {
  readonly step: 'exchange' | 'proof' | 'confirmation' | 'promotion';
  readonly attemptsBefore: number;
  readonly lastProblem: Problem | null;
  /** The account that signed in, before it is confirmed. */
  readonly account: Account | null;
}

/** What was done about the credential when a connection ended. */
export interface Tombstone {
  readonly connection: ConnectionRef;
  readonly account: Account | null;
  readonly revocation: RevocationOutcome;
  readonly disconnectedAt: string;
}

export type RevocationOutcome =
  | { readonly outcome: 'revoked'; readonly revoked: readonly string[] }
  | { readonly outcome: 'nothing_to_revoke' }
  | { readonly outcome: 'unsupported'; readonly note: string }
  | { readonly outcome: 'failed'; readonly problem: Problem };

/** The public picture of a connection: what the API answers, the query `view` and the last published view. */
export interface ConnectionView extends ConnectionRef {
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly status: ConnectionStatus;
  readonly statusSince: string;
  readonly problem: Problem | null;
  readonly warnings: readonly Problem[];
  readonly account: Account | null;
  /** What was minted for this connection, by name; what its guide is made of. */
  readonly setup: Readonly<Record<string, string>>;
  readonly credential: CredentialView | null;
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
}
