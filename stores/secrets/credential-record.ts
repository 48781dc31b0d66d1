import type { JsonObject } from '../../platform/json.ts';
import type { ConnectionRef } from '../../workflows/contracts/connection.ts';

/**
 * The record under `live/{connection}` (and, while unproven, `pending/{connection}/{ref}`). The first seven fields
 * are the seed's, with its names and its unix seconds; what a method needs besides (keys, a session) stands beside
 * them. `mooring` is our own bookkeeping.
 */
export interface CredentialRecord extends JsonObject {
  provider: string;
  /** Region, endpoint or partition. */
  endpoint: string;
  auth_method: string;
  mooring: RecordBookkeeping;
}

export interface RecordBookkeeping extends JsonObject {
  tenant: string;
  /** Counts what the provider has issued; moves only when new tokens are stored. */
  generation: number;
  /** The attempt that stored this generation: how a repeated write recognises its own. */
  attempt_id: string;
  /** Unix seconds. */
  issued_at: number;
  ttl_seconds: number | null;
  renewable: boolean;
  scopes: string[];
  /** What this connection claimed under `claims/` when it was proven. */
  claim: string | null;
  /** Set while a rotating refresh token is being spent; see the refresh protocol. */
  spending: SpendingMarker | null;
}

export interface SpendingMarker extends JsonObject {
  attempt_id: string;
  /** Unique for each execution: a repeated one can tell its predecessor's marker from its own. */
  execution_id: string;
  /** Unix milliseconds. */
  started_at_ms: number;
  /** True when this spending repeats one whose answer was lost: a refusal then means the answer was lost for good. */
  replay: boolean;
}

/** A record as a sign-in or a submission makes it, before anything is known of it but its tenant. */
export function newRecord(connection: ConnectionRef): CredentialRecord {
  return {
    provider: connection.provider,
    endpoint: connection.region,
    auth_method: connection.method,
    mooring: {
      tenant: connection.tenant,
      generation: 0,
      attempt_id: '',
      issued_at: 0,
      ttl_seconds: null,
      renewable: false,
      scopes: [],
      claim: null,
      spending: null,
    },
  };
}
