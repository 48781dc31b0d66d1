import type { Clock } from '../platform/clock.ts';
import type { JsonObject } from '../platform/json.ts';
import { Secret } from '../platform/secret.ts';
import type { CredentialRecord, SpendingMarker } from '../stores/secrets/credential-record.ts';
import type { SecretStore, StoredSecret } from '../stores/secrets/port.ts';
import type { CredentialFacts } from '../workflows/contracts/connection.ts';
import type { IssuedCredential } from './providers/provider.ts';

/** A record of ours with the store's version of it. */
export interface StoredRecord {
  readonly version: number;
  readonly record: Secret<CredentialRecord>;
}

export const pendingKey = (connectionId: string, ref: string): string => `${connectionId}/${ref}`;

export async function readRecord(
  secrets: SecretStore,
  gate: 'pending' | 'live' | 'revoking',
  key: string,
): Promise<StoredRecord | undefined> {
  const stored = await secrets.read(gate, key);
  return stored && { version: stored.version, record: asRecord(stored) };
}

/** Only this code and the API write here, both through {@link CredentialRecord}; the shape is trusted. */
const asRecord = ({ data }: StoredSecret): Secret<CredentialRecord> => new Secret(data.reveal() as CredentialRecord);

export interface Issue {
  readonly issued: Omit<IssuedCredential, 'warnings'>;
  readonly attemptId: string;
  readonly generation: number;
  /** Unix seconds: when the cloud answered. */
  readonly issuedAt: number;
}

/** The record with what the cloud issued: new tokens in, marker out. Fields that the reply lacks are kept. */
export function withIssue(record: CredentialRecord, issue: Issue): Secret<JsonObject> {
  const { issued, attemptId, generation, issuedAt } = issue;
  const { expires_at: _old, ...kept } = record;
  return new Secret<JsonObject>({
    ...kept,
    ...issued.fields.reveal(),
    ...(issued.ttlSeconds === null ? {} : { expires_at: issuedAt + issued.ttlSeconds }),
    mooring: {
      ...record.mooring,
      generation,
      attempt_id: attemptId,
      issued_at: issuedAt,
      ttl_seconds: issued.ttlSeconds,
      renewable: issued.renewable,
      scopes: [...issued.scopes],
      spending: null,
    },
  });
}

export function withMarker(record: CredentialRecord, spending: SpendingMarker | null): Secret<JsonObject> {
  return new Secret<JsonObject>({ ...record, mooring: { ...record.mooring, spending } });
}

export function factsOf(record: CredentialRecord, clock: Clock): CredentialFacts {
  const { generation, ttl_seconds, issued_at, renewable, scopes } = record.mooring;
  const age = unixSeconds(clock) - issued_at;
  return {
    generation,
    ttlSeconds: ttl_seconds === null ? null : Math.max(ttl_seconds - age, 0),
    lifetimeSeconds: ttl_seconds,
    renewable,
    scopes,
  };
}

export const unixSeconds = (clock: Clock): number => Math.floor(clock.now() / 1000);
