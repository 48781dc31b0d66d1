import type { ConnectionView } from '../../contracts/connection.ts';
import type { ConnectionInput, SubmitCredentialsCommand } from '../../contracts/messages.ts';
import type { Problem } from '../../contracts/problem.ts';
import type { StartLabels } from '../../platform/temporal/connection-start.ts';

/** Temporal did not answer in time, or refused to serve. The call may be repeated. */
export class TemporalUnavailable extends Error {
  override readonly name = 'TemporalUnavailable';
}

/**
 * The connections of a batch, through Temporal. Every call ends within a deadline of its own, and rejects with
 * {@link TemporalUnavailable} where there is no answer.
 */
export interface BatchConnections {
  /** Starts a connection. `exists`: one was started under this id before. */
  start(input: ConnectionInput, labels: StartLabels): Promise<'started' | 'exists'>;
  /** As the connection itself tells it; undefined where there is none. */
  view(id: string): Promise<ConnectionView | undefined>;
  submit(id: string, command: SubmitCredentialsCommand): Promise<Submitted>;
  /** How many connections of a tenant have not ended, about a second behind. */
  living(tenant: string): Promise<number>;
}

export type Submitted =
  | { readonly outcome: 'taken' }
  /** The connection has ended, or takes nothing in at present. */
  | { readonly outcome: 'refused'; readonly problem: Problem };
