import type { SecretStore } from '../../stores/secrets/port.ts';
import { SecretStoreConflict } from '../../stores/secrets/port.ts';
import { readRecord, withIssue, type Issue, type StoredRecord } from '../records.ts';

export type StoreReplyOutcome = 'stored' | 'superseded';

const TRIES = 3;

/**
 * Writes a cloud's reply over the record it belongs to, with check-and-set. On a conflict it reads again: the same
 * attempt = this very reply is stored already (its first write landed though nobody heard); a newer generation =
 * somebody stored a later one; anything else (a successor's marker) is written over, so that the successor's own
 * write conflicts and finds this one. Throws `SecretStoreUnavailable`.
 */
export async function storeReply(
  secrets: SecretStore,
  gate: 'live' | 'pending',
  key: string,
  issue: Issue,
  known: StoredRecord | undefined,
): Promise<StoreReplyOutcome> {
  let current = known;
  for (let tries = 1; ; tries++) {
    current ??= await readRecord(secrets, gate, key);
    // Disconnected meanwhile: what the reply holds is revoked by the one who took the record away.
    if (!current) return 'superseded';
    const record = current.record.reveal();
    if (record.mooring.attempt_id === issue.attemptId) return 'stored';
    if (record.mooring.generation >= issue.generation) return 'superseded';
    try {
      await secrets.write(gate, key, withIssue(record, issue), { cas: current.version });
      return 'stored';
    } catch (error) {
      if (!(error instanceof SecretStoreConflict) || tries >= TRIES) throw error;
      current = undefined;
    }
  }
}
