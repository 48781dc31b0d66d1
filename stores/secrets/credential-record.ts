import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { nullable } from '../../platform/schema.ts';
import type { JsonObject } from '../../platform/json.ts';
import type { ConnectionRef, CredentialFacts } from '../../contracts/connection.ts';
import { iso } from '../../contracts/time.ts';

/**
 * Keys below the gate `live`: the whole record, the part that is handed out, and the facts to restart a lost
 * connection.
 */
export const liveKeys = {
  /** The whole {@link CredentialRecord}, with the refresh token. Only the worker reads it. */
  renewal: (connectionId: string): string => `${connectionId}/renewal`,
  /** The {@link AccessRecord}: what the API may read. */
  access: (connectionId: string): string => `${connectionId}/access`,
  /** A `ConnectionAbout`, without any secret. */
  about: (connectionId: string): string => `${connectionId}/about`,
} as const;

/**
 * `name` is `renewal` for the record of a connection that ends, or the id of an attempt whose reply came after that.
 */
export const revokingKey = (connectionId: string, name = 'renewal'): string => `${connectionId}/${name}`;

/**
 * The record under `live/{connection}/renewal` (and, while unproven, `pending/{connection}/{ref}`). The first seven
 * fields are the seed's, with its names and its unix seconds; what a method needs besides (keys, a session) is stored
 * beside them. `mooring` is our own bookkeeping.
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
  /** The attempt that stored this generation, so that a repeated write recognises its own. */
  attempt_id: string;
  /** Unix milliseconds. */
  issued_at_ms: number;
  ttl_seconds: number | null;
  renewable: boolean;
  scopes: string[];
  /** Unix milliseconds; null = there is nothing to renew with. */
  next_refresh_at_ms: number | null;
  /** The key that this connection took under `claims/` when it was proven. */
  claim: string | null;
  /**
   * The pending grant that was promoted to this record, so that a repeated promotion is recognised, even after a
   * renewal.
   */
  grant: string | null;
  /** Set while a rotating refresh token is being spent; see the refresh protocol. */
  spending: SpendingMarker | null;
  /** Consecutive refusals of a renewal that spends nothing. It is retried before a person is asked to act. */
  refusals: number;
}

export interface SpendingMarker extends JsonObject {
  /** Unique for each attempt, so that an attempt can distinguish its own marker from another's. */
  attempt_id: string;
  /** Unix milliseconds. */
  started_at_ms: number;
  /** True when this spending repeats one whose reply was lost: a refusal then means that the reply is lost for good. */
  replay: boolean;
  /**
   * True once the replay was refused. The first attempt may still hold the reply, so it is read once more before that
   * is believed.
   */
  replay_refused: boolean;
}

/** The end of the year 9999. A later time is invalid, and cannot be written as an ISO date. */
const LAST_MS = 253_402_300_799_999;
const Milliseconds = Type.Integer({ minimum: 0, maximum: LAST_MS });
const Seconds = Type.Integer({ minimum: 0, maximum: Math.floor(LAST_MS / 1000) });

const Bookkeeping = Type.Object({
  tenant: Type.String({ minLength: 1 }),
  generation: Type.Integer({ minimum: 0 }),
  attempt_id: Type.String(),
  issued_at_ms: Milliseconds,
  ttl_seconds: nullable(Seconds),
  renewable: Type.Boolean(),
  scopes: Type.Array(Type.String()),
  next_refresh_at_ms: nullable(Milliseconds),
});

const credentialRecord = Compile(
  Type.Object({
    provider: Type.String(),
    endpoint: Type.String(),
    auth_method: Type.String(),
    mooring: Type.Object({
      ...Bookkeeping.properties,
      claim: nullable(Type.String()),
      grant: nullable(Type.String()),
      spending: nullable(
        Type.Object({
          attempt_id: Type.String(),
          started_at_ms: Milliseconds,
          replay: Type.Boolean(),
          replay_refused: Type.Boolean(),
        }),
      ),
      refusals: Type.Integer({ minimum: 0 }),
    }),
  }),
);

/** True for a document that is a credential record. Stored documents are checked whenever they are read. */
export const isCredentialRecord = (document: unknown): document is CredentialRecord => credentialRecord.Check(document);

const AccessRecordSchema = Type.Object({
  provider: Type.String(),
  endpoint: Type.String(),
  auth_method: Type.String(),
  /** Unix seconds, as the seed has it. */
  expires_at: Type.Optional(nullable(Type.Integer())),
  mooring: Bookkeeping,
});
const accessRecord = Compile(AccessRecordSchema);

/**
 * The document under `live/{connection}/access`: the fields that the method's manifest leases, and their bookkeeping.
 */
export type AccessRecord = Static<typeof AccessRecordSchema> & JsonObject;

export const isAccessRecord = (document: unknown): document is AccessRecord => accessRecord.Check(document);

/** The part of a record that the API may read. `leased` names the fields of the method's manifest. */
export function accessOf(record: CredentialRecord, leased: readonly string[]): AccessRecord {
  const { tenant, generation, attempt_id, issued_at_ms, ttl_seconds, renewable, scopes, next_refresh_at_ms } =
    record.mooring;
  const expiresAt = record['expires_at'];
  const fields = Object.fromEntries(Object.entries(record).filter(([name]) => leased.includes(name)));
  return {
    ...fields,
    provider: record.provider,
    endpoint: record.endpoint,
    auth_method: record.auth_method,
    ...(typeof expiresAt === 'number' ? { expires_at: expiresAt } : {}),
    mooring: { tenant, generation, attempt_id, issued_at_ms, ttl_seconds, renewable, scopes, next_refresh_at_ms },
  };
}

/** The facts about a record that are not secret. */
export function factsOf({ mooring }: Pick<AccessRecord, 'mooring'>): CredentialFacts {
  const { generation, ttl_seconds, issued_at_ms, next_refresh_at_ms, renewable, scopes } = mooring;
  return {
    v: 1,
    generation,
    issuedAt: iso(issued_at_ms),
    expiresAt: ttl_seconds === null ? null : iso(issued_at_ms + ttl_seconds * 1000),
    nextRefreshAt: next_refresh_at_ms === null ? null : iso(next_refresh_at_ms),
    renewable,
    scopes,
  };
}

/** The record of a new sign-in or submission, when only its connection is known. */
export function newRecord(connection: ConnectionRef): CredentialRecord {
  return {
    provider: connection.provider,
    endpoint: connection.region,
    auth_method: connection.method,
    mooring: {
      tenant: connection.tenant,
      generation: 0,
      attempt_id: '',
      issued_at_ms: 0,
      ttl_seconds: null,
      renewable: false,
      scopes: [],
      next_refresh_at_ms: null,
      claim: null,
      grant: null,
      spending: null,
      refusals: 0,
    },
  };
}
