import type { Actor } from './actor.ts';
import type { Problem } from './problem.ts';

/**
 * - `failed`  deliveries that failed, of events since then
 * - `all`     every event since then that the endpoint wants, also those that it got
 */
export const replayScopes = ['failed', 'all'] as const;
export type ReplayScope = (typeof replayScopes)[number];

/**
 * - `running`    delivers again
 * - `finished`   every delivery was started again
 * - `cancelling` cancelled; the page under way is finished first
 * - `cancelled`  cancelled; what it started goes on
 * - `failed`     the endpoint was deleted or disabled meanwhile
 * - `stopped`    its workflow was ended from outside Mooring
 */
export const replayStatuses = ['running', 'finished', 'cancelling', 'cancelled', 'failed', 'stopped'] as const;
export type ReplayStatus = (typeof replayStatuses)[number];

/** The input of a replay's workflow. */
export interface ReplayInput {
  readonly v: 1;
  /** The workflow id. */
  readonly id: string;
  readonly tenant: string;
  readonly endpoint: string;
  readonly scope: ReplayScope;
  /** ISO 8601: events from then on. */
  readonly since: string;
  readonly by?: Actor;
}

/** What is shown of a replay, and kept in its memo. */
export interface ReplayView {
  readonly id: string;
  readonly endpoint: string;
  readonly scope: ReplayScope;
  readonly since: string;
  readonly status: ReplayStatus;
  /** About how many it will deliver again; null = not counted yet. */
  readonly estimate: number | null;
  /** Deliveries that were started again. */
  readonly replayed: number;
  /** Why it failed; null = it has not. */
  readonly problem: Problem | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export const newReplay = ({ id, endpoint, scope, since }: ReplayInput, at: string): ReplayView => ({
  id,
  endpoint,
  scope,
  since,
  status: 'running',
  estimate: null,
  replayed: 0,
  problem: null,
  createdAt: at,
  updatedAt: at,
});

/** How far a replay has come: first through the deliveries that exist, then, with `all`, through the kept events. */
export type ReplayPosition =
  /** `token`: of Temporal's visibility, in Base64; null = from the first page. */
  | { readonly source: 'deliveries'; readonly token: string | null }
  /** `after`: the last entry read of the kept events; null = from the oldest. */
  | { readonly source: 'events'; readonly after: string | null };

export interface ReplayPageInput {
  readonly v: 1;
  readonly tenant: string;
  readonly endpoint: string;
  readonly scope: ReplayScope;
  readonly since: string;
  /** ISO 8601, by Temporal's clock: when the replay began. A delivery that was started since then has been replayed. */
  readonly startedAt: string;
  readonly position: ReplayPosition;
}

export type ReplayPageOutcome =
  | {
      readonly outcome: 'page';
      /** Deliveries that it started again. */
      readonly replayed: number;
      /** Null = that was the last page. */
      readonly next: ReplayPosition | null;
    }
  | { readonly outcome: 'ended'; readonly problem: Problem };

export interface ReplayActivities {
  /** About how many deliveries a replay will start again. */
  estimateReplay(input: ReplayPageInput): Promise<{ readonly estimate: number }>;
  /** Starts some deliveries again, each once, however often it is repeated. */
  replayPage(input: ReplayPageInput): Promise<ReplayPageOutcome>;
}

/** By a caller: no further page is begun. */
export const replaySignals = { cancel: 'cancelReplay' } as const;

export const replayIdPattern = '^whr_whe_[a-z2-7]{26}_[a-z2-7]{26}$';
/** Every replay to an endpoint has an id that begins so. */
export const replayIdPrefix = (endpoint: string): `whr_${string}_` => `whr_${endpoint}_`;
