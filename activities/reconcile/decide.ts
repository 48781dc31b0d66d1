import type { ConnectionStatus, Tombstone } from '../../contracts/connection.ts';
import { workflowTypes } from '../../contracts/ids.ts';
import type { Lookup } from './ports.ts';

/** What the secret store holds under one id. */
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

/** Values are stored seconds before or after a workflow takes them; the rest of the hour is for clocks that differ. */
const ABANDONED_MS = 60 * 60 * 1000;

/** The phases of a connection whose end has been decided. */
const ending: readonly ConnectionStatus[] = ['disconnecting', 'disconnected', 'expired'];

/**
 * Decides what to do with an id. `lastStatus` is the status that its last run left in the memo; null = not known. A
 * requested disconnect is always completed, even if the workflow was ended since.
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
      // A validation of submitted values: it is not started again, and the values that it left behind are dropped.
      if (lookup.workflowType !== workflowTypes.connection) return abandoned(pending, nowMs);
      return { do: 'restart', as: tombstone ? 'disconnecting' : endingOr(stored, lastStatus) };
  }
}

/** The name `renewal` under `revoking/` means that a disconnect has begun. Other names are replies that came late. */
function endingOr({ live, revoking }: Stored, lastStatus: ConnectionStatus | null): 'stopped' | 'disconnecting' {
  if (revoking.includes('renewal') || (lastStatus !== null && ending.includes(lastStatus))) return 'disconnecting';
  return live.length === 0 && revoking.length > 0 ? 'disconnecting' : 'stopped';
}

function abandoned(pending: readonly PendingGrant[], nowMs: number): Decision {
  const refs = pending.filter(({ writtenAtMs }) => nowMs - writtenAtMs >= ABANDONED_MS).map(({ ref }) => ref);
  return refs.length > 0 ? { do: 'discard', refs } : { do: 'nothing' };
}
