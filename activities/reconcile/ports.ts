import type { ProofInput } from '../../contracts/activities.ts';
import type { ConnectionRef, ConnectionStatus, ConnectionView, RequestMemo } from '../../contracts/connection.ts';
import type { Restart } from '../../contracts/restart.ts';

/**
 * The state of the newest run under an id, from Temporal's history service (visibility may lag behind). Not every id in
 * the secret store is a connection's, so `workflowType` is that of the run.
 */
export type Lookup =
  | { readonly state: 'running'; readonly workflowType: string; readonly health: Health }
  /** It ended by itself: the connection was disconnected, or has expired. */
  | { readonly state: 'completed' }
  /** Terminated, cancelled, failed or timed out. */
  | { readonly state: 'ended_from_outside'; readonly workflowType: string }
  | { readonly state: 'unknown' };

export interface Health {
  /** An activity is more than two minutes overdue: no worker takes it up. */
  readonly late: boolean;
  /** An operator paused an activity. */
  readonly paused: boolean;
  /** The workflow task fails again and again. */
  readonly stuck: boolean;
  /** The search attribute; null where there is none. */
  readonly status: string | null;
}

export interface RunningConnection {
  readonly id: string;
  /** The `gateKey` of its provider's region; null where the search attributes are missing. */
  readonly gate: string | null;
}

/** What the last run left in its memo; either part may be missing or unreadable. */
export interface Legacy {
  readonly view: ConnectionView | null;
  readonly request: RequestMemo | null;
}

/**
 * The connections as Temporal knows them. Every call ends within a deadline of its own, and rejects where Temporal does
 * not answer.
 */
export interface ConnectionDirectory {
  /** A namespace that was deleted and created again under the same name has another id. */
  namespace(): Promise<{ readonly id: string; readonly name: string }>;
  /** How many connections run, from visibility; with a status, how many that say so. */
  count(status?: ConnectionStatus): Promise<number>;
  /** Connections that run, a page at a time, from visibility: all, or those whose ids begin in one of these ways. */
  running(beginnings: readonly string[] | null): AsyncIterable<readonly RunningConnection[]>;
  /** Ids of connections with a run that ended from outside, within the namespace's retention. A newer run may exist. */
  endedFromOutside(): AsyncIterable<readonly string[]>;
  find(id: string): Promise<Lookup>;
  legacy(id: string): Promise<Legacy>;
  /** `refused`: a run is there already, or the last one ended by itself. */
  restart(restart: Restart): Promise<'started' | 'refused'>;
  /** Starts the workflow that revokes and destroys what an ended connection left. `refused`: it runs already. */
  sweep(connection: ConnectionRef): Promise<'started' | 'refused'>;
  /** Starts the workflow that revokes and drops a pending grant. `refused`: it runs already. */
  discard(input: ProofInput): Promise<'started' | 'refused'>;
}
