import type { ProofInput } from '../../contracts/activities.ts';
import type { ConnectionRef, ConnectionView, RequestMemo } from '../../contracts/connection.ts';
import type { Restart } from '../../contracts/restart.ts';

/**
 * How the newest run under an id stands, as Temporal's history service has it (visibility may lag behind). Not every id
 * in the secret store is a connection's: `workflowType` is that of the run.
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
  /** The search attribute; null where there is none. */
  readonly status: string | null;
  /** What the gate of its provider's region is called; null where the search attributes do not say. */
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
  /** The id of the namespace: one that was deleted and made again under the same name has another. */
  namespace(): Promise<{ readonly id: string; readonly name: string }>;
  /** Connections that run, a page at a time, from visibility; the status is its search attribute. */
  running(): AsyncIterable<readonly RunningConnection[]>;
  /** Ids of connections with a run that ended from outside, within the namespace's retention; others may run since. */
  endedFromOutside(): AsyncIterable<readonly string[]>;
  find(id: string): Promise<Lookup>;
  legacy(id: string): Promise<Legacy>;
  /** `refused`: a run is there already, or the last one ended by itself. */
  restart(restart: Restart): Promise<'started' | 'refused'>;
  /** Starts what revokes and destroys what is left of a connection that has ended. `refused`: that runs already. */
  sweep(connection: ConnectionRef): Promise<'started' | 'refused'>;
  /** Starts what revokes and drops a pending grant. `refused`: that runs already. */
  discard(input: ProofInput): Promise<'started' | 'refused'>;
}
