import type { RefusedOutcome, SealedReply } from '../../contracts/activities.ts';
import type { ConnectionRef, CredentialFacts } from '../../contracts/connection.ts';
import type { Problem } from '../../contracts/problem.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { StoredRecord } from '../records.ts';
import type { Held } from './provider-gate.ts';
import type { KnownVersions } from './store-reply.ts';

export const STORE_DEADLINE_MS = 2_000;
/** The attempt must end before the activity's timeout of 12 s: an ambiguous outcome must be returned as a result. */
export const BUDGET_MS = 11_000;

export type RefreshDependencies = Pick<
  ActivityDependencies,
  'secrets' | 'providers' | 'keyRing' | 'clock' | 'newId' | 'gate' | 'random'
>;

/** When a renewal is wanted: as soon as it is due, or because a caller asked. */
export type Wanted =
  /** `degradedSince` (ISO 8601): a credential issued before this is due too, because the last renewal failed. */
  | { readonly when: 'due'; readonly degradedSince: string | null }
  | {
      readonly when: 'asked';
      readonly askedAtMs: number;
      readonly requestId: string;
      readonly minTtlSeconds: number | null;
    };

/** How one attempt ended. Facts are of what is stored now; null where the store could not be read. */
export type AttemptOutcome =
  | {
      readonly outcome: 'refreshed';
      readonly facts: CredentialFacts;
      readonly replayed: boolean;
      readonly warnings: readonly Problem[];
      /** Unix milliseconds: when it was due. Null where a caller asked for it, or it was not due. */
      readonly dueAtMs: number | null;
      /** False: readers still get the previous token, and the next attempt has to hand out the new one. */
      readonly isHandedOut: boolean;
    }
  /** Nothing was due, or what is stored answers the request: nothing was spent. */
  | { readonly outcome: 'fresh'; readonly facts: CredentialFacts }
  /** Another attempt may be spending the refresh token at this moment. */
  | { readonly outcome: 'busy'; readonly retryInSeconds: number; readonly facts: CredentialFacts | null }
  /** The provider is paused, or its gate is open: the cloud was not called. */
  | { readonly outcome: 'held'; readonly held: Held; readonly facts: CredentialFacts }
  | { readonly outcome: 'sealed'; readonly sealed: SealedReply; readonly facts: CredentialFacts }
  | {
      readonly outcome: 'unavailable';
      readonly problem: Problem;
      readonly retryAfterSeconds: number | null;
      readonly facts: CredentialFacts;
    }
  /** The secret store does not answer; nothing was spent. */
  | { readonly outcome: 'store_unavailable'; readonly facts: CredentialFacts | null }
  /** The cloud refused, and asking again may still help and costs nothing. */
  | { readonly outcome: 'doubted'; readonly problem: Problem; readonly facts: CredentialFacts }
  | RefusedOutcome;

/** What one attempt works with. */
export interface Attempt {
  readonly connection: ConnectionRef;
  readonly accessVersions: KnownVersions;
  readonly attemptId: string;
  readonly startedAt: number;
  readonly rotates: boolean;
  readonly leased: readonly string[];
  readonly longestCycleSeconds: number | undefined;
}

export interface Spending {
  readonly stored: StoredRecord;
  /** True when the token may have been spent before, and the reply lost. */
  readonly replay: boolean;
}
