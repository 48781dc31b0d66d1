import type { ConnectionStatus, Tombstone } from '../../contracts/connection.ts';
import { workflowTypes } from '../../contracts/ids.ts';
import type { Lookup } from './ports.ts';

/** What stands in the secret store under one id. */
export interface Stored {
  /** Names below `live/{id}/`. */
  readonly live: readonly string[];
  /** Names below `revoking/{id}/`. */
  readonly revoking: readonly string[];
  readonly pending: readonly PendingGrant[];
  readonly tombstone: Tombstone | null;
}

export interface PendingGrant {
  readonly ref: string;
  /** Unix milliseconds. */
  readonly writtenAtMs: number;
}

export type Decision =
  | { readonly do: 'nothing' }
  /** Start the connection again. */
  | { readonly do: 'restart'; readonly as: 'stopped' | 'disconnecting' }
  /** It has ended: revoke and destroy what is left. */
  | { readonly do: 'sweep' }
  | { readonly do: 'discard'; readonly refs: readonly string[] };

/** Values are stored seconds before or after a workflow takes them in; the rest of the hour is for clocks that differ. */
const ABANDONED_MS = 60 * 60 * 1000;

/** The phases in which its end was decided already. */
const ending: readonly ConnectionStatus[] = ['disconnecting', 'disconnected', 'expired'];

/**
 * What becomes of an id. `lastStatus` is the status that its last run left in the memo; null where that is not known.
 * A disconnect that was asked for is carried out, whatever happened to the workflow since.
 */
export function decide(lookup: Lookup, stored: Stored, lastStatus: ConnectionStatus | null, nowMs: number): Decision {
  const { live, revoking, pending, tombstone } = stored;
  const hasSecrets = live.length + revoking.length > 0;
  switch (lookup.state) {
    case 'running':
      return { do: 'nothing' };
    case 'completed':
      return hasSecrets ? { do: 'sweep' } : abandoned(pending, nowMs);
    case 'unknown':
      if (tombstone && hasSecrets) return { do: 'sweep' };
      return hasSecrets ? { do: 'restart', as: endingOr(stored, lastStatus) } : abandoned(pending, nowMs);
    case 'ended_from_outside':
      // A look at submitted values: nothing goes on, and what it should have destroyed is dropped.
      if (lookup.workflowType !== workflowTypes.connection) return abandoned(pending, nowMs);
      return { do: 'restart', as: tombstone ? 'disconnecting' : endingOr(stored, lastStatus) };
  }
}

/** Retiring copies the record to `revoking/`: where it is, a disconnect has begun. Other names are replies that came late. */
function endingOr({ live, revoking }: Stored, lastStatus: ConnectionStatus | null): 'stopped' | 'disconnecting' {
  if (revoking.includes('renewal') || (lastStatus !== null && ending.includes(lastStatus))) return 'disconnecting';
  return live.length === 0 && revoking.length > 0 ? 'disconnecting' : 'stopped';
}

function abandoned(pending: readonly PendingGrant[], nowMs: number): Decision {
  const refs = pending.filter(({ writtenAtMs }) => nowMs - writtenAtMs >= ABANDONED_MS).map(({ ref }) => ref);
  return refs.length > 0 ? { do: 'discard', refs } : { do: 'nothing' };
}
