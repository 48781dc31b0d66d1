import type { Actor } from './actor.ts';
import type { ConnectionView, CredentialFacts, TimelineEntry } from './connection.ts';
import type { DiscoveryDone } from './discovery.ts';

export interface InvitationTerms {
  /** The invitation's life in seconds from now. */
  readonly lifetimeSeconds: number;
  readonly passcodeRequired: boolean;
  /** The account must be confirmed by the tenant before anything is used. */
  readonly confirm: boolean;
}

/** The input of a connection's workflow. */
export interface ConnectionInput {
  readonly id: string;
  readonly tenant: string;
  readonly provider: string;
  readonly region: string;
  readonly method: string;
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly invitation: InvitationTerms;
  /** Values made for this connection (an external ID), and our own identity, which the customer needs. No secret. */
  readonly setup: Readonly<Record<string, string>>;
  /** Null = this way of connecting discovers nothing; `intervalSeconds` null = on demand alone. */
  readonly discovery: { readonly intervalSeconds: number | null; readonly concurrency: number } | null;
  /** Who started it. Absent in inputs of older senders. */
  readonly by?: Actor;
}

/**
 * The cloud's redirect, as it arrived. `code` is the reason why every payload is encrypted; the PKCE verifier
 * (RFC 7636) travels sealed for the activity that redeems the code, so that not even a decoded history shows it.
 */
export interface OAuthCallback {
  readonly epoch: number;
  /** Hash of the OAuth state. The workflow checks again that a state is used only once. */
  readonly stateHash: string;
  /** Hash of the signing-in browser's id. It names the pending record; only this browser may see the result page. */
  readonly browserHash: string;
  readonly redirectUri: string;
  readonly answer:
    | { readonly kind: 'code'; readonly code: string; readonly sealedVerifier: string; readonly iss: string | null }
    | { readonly kind: 'error'; readonly error: string; readonly description: string | null };
}

/** The passcode of a link was typed wrong too often. Ignored when the invitation has been replaced meanwhile. */
export interface InvitationLock {
  readonly epoch: number;
}

/** Every update names the tenant that asks; the validator answers `connection_not_found` to any other. */
export interface Command {
  readonly tenant: string;
  /** Deduplicates beyond one run (Temporal dedupes update ids only within a run). */
  readonly requestId?: string;
  /** Who asks. The API always sends it; older senders did not. */
  readonly by?: Actor;
}

export interface InviteCommand extends Command {
  readonly invitation: InvitationTerms;
}

/** `ref` names what was put under `pending/{connection}/{ref}`; the message never carries the secret. */
export interface SubmitCredentialsCommand extends Command {
  readonly epoch: number;
  readonly ref: string;
  /** Seconds from now after which waiting for propagation ends; null = when the invitation expires. */
  readonly deadlineSeconds: number | null;
}

export interface RefreshCommand extends Command {
  /** Seconds. Nothing is spent if the credential is still valid this long. Null = refresh now. */
  readonly minTtlSeconds: number | null;
}

export interface ReauthorizeCommand extends InviteCommand {
  readonly allowDifferentAccount: boolean;
}

export interface AnnotateCommand extends Command {
  readonly name?: string | null;
  /** Of the new name, to search by; see `stores/search-digests.ts`. Absent = it is not found by its words. */
  readonly nameDigests?: readonly string[];
  readonly tags?: readonly string[];
}

export interface RefreshReply {
  /** False when the stored credential was good enough, or the request joined a refresh in flight. */
  readonly spent: boolean;
  readonly credential: CredentialFacts;
}

/** An update of the connection workflow: what is sent, and what is answered. */
interface Update<C extends Command, Reply> {
  readonly command: C;
  readonly reply: Reply;
}

/**
 * Every update of the connection workflow. The API sends by this map and the workflow's handlers are defined by it, so
 * that neither compiles with another command or reply.
 */
export interface ConnectionUpdates {
  readonly invite: Update<InviteCommand, ConnectionView>;
  readonly reauthorize: Update<ReauthorizeCommand, ConnectionView>;
  readonly revokeInvitation: Update<Command, ConnectionView>;
  readonly submitCredentials: Update<SubmitCredentialsCommand, ConnectionView>;
  readonly confirm: Update<Command, ConnectionView>;
  readonly refresh: Update<RefreshCommand, RefreshReply>;
  readonly discover: Update<Command, ConnectionView>;
  readonly verify: Update<Command, ConnectionView>;
  readonly pause: Update<Command, ConnectionView>;
  readonly resume: Update<Command, ConnectionView>;
  readonly recover: Update<Command, ConnectionView>;
  readonly annotate: Update<AnnotateCommand, ConnectionView>;
  readonly disconnect: Update<Command, ConnectionView>;
}
export type UpdateName = keyof ConnectionUpdates;
export type CommandOf<N extends UpdateName> = ConnectionUpdates[N]['command'];
export type ReplyOf<N extends UpdateName> = ConnectionUpdates[N]['reply'];

/** Every signal of the connection workflow, with what it carries. */
export interface ConnectionSignals {
  readonly oauthCallback: OAuthCallback;
  readonly lockInvitation: InvitationLock;
  readonly discoveryDone: DiscoveryDone;
}
export type SignalName = keyof ConnectionSignals;

/** Every query of the connection workflow, with what it answers. */
export interface ConnectionQueries {
  readonly view: ConnectionView;
  readonly timeline: readonly TimelineEntry[];
}
export type QueryName = keyof ConnectionQueries;

/** The names by which the messages are sent. */
export const messages = {
  oauthCallback: 'oauthCallback',
  lockInvitation: 'lockInvitation',
  discoveryDone: 'discoveryDone',
  discover: 'discover',
  invite: 'invite',
  revokeInvitation: 'revokeInvitation',
  submitCredentials: 'submitCredentials',
  confirm: 'confirm',
  refresh: 'refresh',
  reauthorize: 'reauthorize',
  verify: 'verify',
  pause: 'pause',
  resume: 'resume',
  recover: 'recover',
  annotate: 'annotate',
  disconnect: 'disconnect',
  view: 'view',
  timeline: 'timeline',
} as const satisfies { readonly [N in UpdateName | SignalName | QueryName]: N };
