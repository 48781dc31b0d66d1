import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { assertNever } from '../../contracts/assert-never.ts';
import type { SettledItem } from '../../contracts/batches.ts';
import { connectionStatuses, type ConnectionStatus } from '../../contracts/connection.ts';
import type { Problem } from '../../contracts/problem.ts';
import { nullable } from '../../platform/schema.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { BatchConnections } from './ports.ts';

const condition = Compile(
  Type.Object({
    status: Type.Enum([...connectionStatuses]),
    problem: nullable(Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() })),
  }),
);

/** How far a connection of a batch has come. */
export type Seen =
  | { readonly state: 'settled'; readonly outcome: SettledItem['outcome']; readonly problem: Problem | null }
  | { readonly state: 'under_way' }
  /** There is no such connection. */
  | { readonly state: 'absent' };

const underWay: Seen = { state: 'under_way' };

/** What a connection's status says of its item. */
function seenOf(status: ConnectionStatus, problem: Problem | null): Seen {
  switch (status) {
    case 'verifying':
      return underWay;
    case 'awaiting_customer':
      // Before the submission it has no problem.
      return problem === null ? underWay : { state: 'settled', outcome: 'refused', problem };
    // What happens to it after it came in is no longer the batch's.
    case 'active':
    case 'degraded':
    case 'action_required':
    case 'paused':
      return { state: 'settled', outcome: 'connected', problem: null };
    case 'expired':
      return { state: 'settled', outcome: 'refused', problem };
    case 'stopped':
    case 'disconnecting':
    case 'disconnected':
      return { state: 'settled', outcome: 'failed', problem: problem ?? endedMeanwhile };
    default:
      return assertNever(status);
  }
}

/**
 * What the connection published last. It may be a step behind, where the store lost a write; {@link askConnection} tells
 * for certain. Never rejects.
 */
export async function readCondition(ephemeral: Pick<EphemeralStore, 'get'>, id: string): Promise<Seen> {
  try {
    const published = await ephemeral.get(ephemeralKeys.condition(id));
    return condition.Check(published) ? seenOf(published.status, published.problem) : underWay;
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    return underWay;
  }
}

/** What Temporal has of the connection. Rejects where it does not answer. */
export async function askConnection(connections: Pick<BatchConnections, 'view'>, id: string): Promise<Seen> {
  const view = await connections.view(id);
  return view ? seenOf(view.status, view.problem) : { state: 'absent' };
}

const endedMeanwhile: Problem = {
  code: 'connection_ended',
  message: 'The connection was ended before its batch saw it connected.',
  remedy: 'Nothing is to be done if that was wanted. Otherwise add the item to the batch again.',
};
