import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../../platform/clock.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { liveKeys, type CredentialRecord } from '../../../stores/secrets/credential-record.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import type { SecretStore } from '../../../stores/secrets/port.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';

export const readKeyRing = (stateDirectory: string): KeyRing =>
  KeyRing.parse(readFileSync(join(stateDirectory, 'key-ring'), 'utf8').trim());

/** A stack's embedded stores, looked at from beside it: what is in them, whatever the stack says. */
const optionsOf = (stateDirectory: string, name: 'secrets' | 'ephemeral') => ({
  path: join(stateDirectory, `${name}.db`),
  keyRing: readKeyRing(stateDirectory),
  clock: systemClock,
});

export const openSecrets = (stateDirectory: string): SecretStore =>
  createSqliteSecretStore(optionsOf(stateDirectory, 'secrets'));

export const openEphemeral = (stateDirectory: string): EphemeralStore =>
  createSqliteEphemeralStore(optionsOf(stateDirectory, 'ephemeral'));

const liveRecord = async (secrets: SecretStore, connectionId: string): Promise<CredentialRecord | undefined> =>
  (await secrets.read('live', liveKeys.renewal(connectionId)))?.data.reveal() as CredentialRecord | undefined;

export const liveGeneration = async (secrets: SecretStore, connectionId: string): Promise<number> =>
  (await liveRecord(secrets, connectionId))?.mooring.generation ?? 0;

/** How many records still carry the marker of a refresh whose end is not known. */
export async function unsettledSpendings(secrets: SecretStore, connectionIds: readonly string[]): Promise<number> {
  const records = await Promise.all(connectionIds.map(async (id) => await liveRecord(secrets, id)));
  return records.filter((record) => record?.mooring.spending).length;
}

/**
 * Takes a store's write lock: whoever writes waits for it (2 s at most, without doing anything else meanwhile).
 * Answers how to give it back.
 */
export function lockStore(stateDirectory: string, name: 'secrets' | 'ephemeral'): () => void {
  const database = new DatabaseSync(join(stateDirectory, `${name}.db`));
  database.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE');
  return () => database.close();
}
