import type { Clock } from '../platform/clock.ts';
import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import {
  accessOf,
  isCredentialRecord,
  liveKeys,
  type CredentialRecord,
  type SpendingMarker,
} from '../stores/secrets/credential-record.ts';
import type { SecretStore } from '../stores/secrets/port.ts';
import { problems, type Problem } from '../contracts/problem.ts';
import type { IssuedCredential } from '../providers/provider.ts';

/** A credential record with its version in the store. */
export interface StoredRecord {
  readonly version: number;
  readonly record: Secret<CredentialRecord>;
}

/** The document under a key is not a credential record: another program wrote it. */
export class UnreadableRecord extends Error {
  override readonly name = 'UnreadableRecord';
}

export const pendingKey = (connectionId: string, ref: string): string => `${connectionId}/${ref}`;

/** The attempt id of a record that was promoted from that pending one. */
export const promotionId = (ref: string): string => `promotion:${ref}`;

/** Throws {@link UnreadableRecord} for a document that is not a credential record, and what the store throws. */
export async function readRecord(
  secrets: SecretStore,
  gate: 'pending' | 'live' | 'revoking',
  key: string,
): Promise<StoredRecord | undefined> {
  const stored = await secrets.read(gate, key);
  if (!stored) return undefined;
  const document = stored.data.reveal();
  if (!isCredentialRecord(document)) throw new UnreadableRecord(`${gate}/${key} is not a credential record.`);
  return { version: stored.version, record: new Secret(document) };
}

/** The record, or why there is none: it was deleted, or another program has overwritten it. */
export async function recordOrProblem(
  ...where: Parameters<typeof readRecord>
): Promise<{ readonly stored: StoredRecord } | { readonly problem: Problem }> {
  try {
    const stored = await readRecord(...where);
    if (stored) return { stored };
    const [, gate] = where;
    return { problem: gate === 'pending' ? problems.grantMissing : problems.credentialMissing };
  } catch (error) {
    if (error instanceof UnreadableRecord) return { problem: problems.credentialUnreadable };
    throw error;
  }
}

export const isUnreadable = ({ problem }: { readonly problem: Problem }): boolean =>
  problem.code === problems.credentialUnreadable.code;

/** The record that is in use. */
export const readRenewal = async (secrets: SecretStore, connectionId: string): Promise<StoredRecord | undefined> =>
  await readRecord(secrets, 'live', liveKeys.renewal(connectionId));

/** The part of a record that is handed out, ready to be written. */
export const projection = (record: CredentialRecord, leased: readonly string[]): Secret<JsonObject> =>
  new Secret<JsonObject>(accessOf(record, leased));

export interface Issue {
  readonly issued: Omit<IssuedCredential, 'warnings'>;
  readonly attemptId: string;
  readonly generation: number;
  /** Unix milliseconds: when the cloud answered. */
  readonly issuedAtMs: number;
  /** Unix milliseconds: when it is renewed next. Null = there is nothing to renew it with. */
  readonly nextRefreshAtMs: number | null;
}

/** The record with what the cloud issued, and without the marker. Fields that the reply lacks are kept. */
export function withIssue(record: CredentialRecord, issue: Issue): Secret<CredentialRecord> {
  const { issued, attemptId, generation, issuedAtMs, nextRefreshAtMs } = issue;
  const { expires_at: _old, ...kept } = record;
  return new Secret<CredentialRecord>({
    ...kept,
    ...issued.fields.reveal(),
    ...(issued.ttlSeconds === null ? {} : { expires_at: Math.floor(issuedAtMs / 1000) + issued.ttlSeconds }),
    provider: record.provider,
    endpoint: record.endpoint,
    auth_method: record.auth_method,
    mooring: {
      ...record.mooring,
      generation,
      attempt_id: attemptId,
      issued_at_ms: issuedAtMs,
      ttl_seconds: issued.ttlSeconds,
      renewable: issued.renewable,
      scopes: [...issued.scopes],
      next_refresh_at_ms: nextRefreshAtMs,
      spending: null,
      refusals: 0,
    },
  });
}

export function withMarker(record: CredentialRecord, spending: SpendingMarker | null): Secret<CredentialRecord> {
  return new Secret<CredentialRecord>({ ...record, mooring: { ...record.mooring, spending } });
}

/** Milliseconds until a credential expires; Infinity where it does not expire, 0 once it has. */
export function remainingMs({ mooring }: CredentialRecord, clock: Clock): number {
  if (mooring.ttl_seconds === null) return Infinity;
  return Math.max(mooring.issued_at_ms + mooring.ttl_seconds * 1000 - clock.now(), 0);
}
