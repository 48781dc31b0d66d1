import { createBoundedMap, type BoundedMap } from '../../platform/bounded-map.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import {
  accessOf,
  isAccessRecord,
  liveKeys,
  revokingKey,
  type AccessRecord,
  type CredentialRecord,
} from '../../stores/secrets/credential-record.ts';
import { SecretStoreConflict, type SecretStore } from '../../stores/secrets/port.ts';
import { readRenewal, withIssue, type Issue, type StoredRecord } from '../records.ts';

export type StoreReplyOutcome =
  | { readonly outcome: 'stored'; readonly record: Secret<CredentialRecord> }
  /** A newer generation was stored meanwhile. */
  | { readonly outcome: 'superseded'; readonly record: Secret<CredentialRecord> }
  /** The connection was disconnected meanwhile; what the reply holds was put under `revoking/`. */
  | { readonly outcome: 'retired' };

/** A conflict comes from a successor's marker or from a write of our own whose answer was lost: both are rare. */
const TRIES = 4;

/**
 * Writes a cloud's reply over the record in use, with check-and-set. On a conflict it reads again: the same attempt
 * means that this reply is stored already (its first write succeeded, and the response was lost); a newer generation
 * means that a later reply is stored; anything else (a successor's marker) is overwritten, so that the successor's own
 * write conflicts and finds this one. If the record was deleted, the connection was disconnected: the reply goes to
 * `revoking/`, so that it is revoked and not lost. Throws `SecretStoreUnavailable` and `SecretStoreConflict`.
 */
export async function storeReply(
  secrets: SecretStore,
  connection: { readonly id: string },
  issue: Issue,
  known: StoredRecord | undefined,
  empty: CredentialRecord,
): Promise<StoreReplyOutcome> {
  const key = liveKeys.renewal(connection.id);
  let current = known;
  for (let tries = 1; ; tries++) {
    current ??= await readRenewal(secrets, connection.id);
    if (!current) {
      const base = known?.record.reveal() ?? empty;
      await secrets.write('revoking', revokingKey(connection.id, issue.attemptId), withIssue(base, issue));
      return { outcome: 'retired' };
    }
    const record = current.record.reveal();
    if (record.mooring.attempt_id === issue.attemptId) return { outcome: 'stored', record: current.record };
    if (record.mooring.generation >= issue.generation) return { outcome: 'superseded', record: current.record };
    const next = withIssue(record, issue);
    try {
      await secrets.write('live', key, next, { cas: current.version });
      return { outcome: 'stored', record: next };
    } catch (error) {
      if (!(error instanceof SecretStoreConflict) || tries >= TRIES) throw error;
      current = undefined;
    }
  }
}

/** By connection: the version of `live/{id}/access` that this process wrote last. It saves each renewal a read. */
export type KnownVersions = BoundedMap<string, number>;

const VERSIONS_KEPT = 20_000;

export const createKnownVersions = (): KnownVersions => createBoundedMap(VERSIONS_KEPT);

/**
 * Hands out the record: `live/{id}/access` gets the record's generation if it has an older one. It only overwrites an
 * existing version and never creates the key, so that an attempt that wakes up after a disconnect cannot bring it back.
 * Throws `SecretStoreUnavailable`. A conflict is ignored: another attempt has written meanwhile.
 */
export async function projectAccess(
  secrets: SecretStore,
  connectionId: string,
  record: CredentialRecord,
  leased: readonly string[],
  known?: KnownVersions,
): Promise<void> {
  const key = liveKeys.access(connectionId);
  const write = async (cas: number): Promise<void> => {
    known?.delete(connectionId);
    const version = await secrets.write('live', key, new Secret<JsonObject>(accessOf(record, leased)), { cas });
    known?.set(connectionId, version);
  };
  const last = known?.get(connectionId);
  if (last !== undefined) {
    try {
      return await write(last);
    } catch (error) {
      if (!(error instanceof SecretStoreConflict)) throw error;
    }
  }
  const stored = await secrets.read('live', key);
  if (!stored) return;
  const document = stored.data.reveal();
  if (isAccessRecord(document) && isUpToDate(document, record)) return;
  try {
    await write(stored.version);
  } catch (error) {
    if (!(error instanceof SecretStoreConflict)) throw error;
  }
}

/** The same generation of another attempt is not up to date: promotion continues the count of the record before. */
const isUpToDate = ({ mooring: handedOut }: AccessRecord, { mooring: stored }: CredentialRecord): boolean =>
  handedOut.generation > stored.generation ||
  (handedOut.generation === stored.generation && handedOut.attempt_id === stored.attempt_id);
