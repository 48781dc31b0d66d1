import type { ConnectionView } from '../../contracts/connection.ts';
import type { CommandOf, UpdateName } from '../../contracts/messages.ts';
import type { Problem } from '../../contracts/problem.ts';

/**
 * Connections, as a bulk job asks them. Every call ends within a deadline of its own, and rejects with
 * `TemporalUnavailable` where Temporal does not answer.
 */
export interface BulkConnections {
  /** As the connection itself tells it; undefined where there is none. */
  view(id: string): Promise<ConnectionView | undefined>;
  /** Sends an update and waits for its end, for some seconds. */
  ask<N extends UpdateName>(id: string, name: N, command: CommandOf<N>): Promise<Asked>;
}

export type Asked =
  { readonly outcome: 'done' | 'unanswered' | 'gone' } | { readonly outcome: 'refused'; readonly problem: Problem };
