import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { liveKeys } from '../../../stores/secrets/credential-record.ts';

/** Which writes of one connection the secret store refuses, as it does for all of them when it is away. */
export type Refused =
  /** The reply of a renewal: the marker that says that a token is being spent is still taken. */
  | 'renewed'
  /** All that a sign-in brings. */
  | 'signed in';

/**
 * Puts a trigger into the embedded secret store, so that these writes fail at once; answers how to remove it. (A lock
 * would hold up the whole worker.)
 */
export function refuseWrites(stateDirectory: string, connectionId: string, refused: Refused): () => void {
  const database = new DatabaseSync(join(stateDirectory, 'secrets.db'));
  database.exec('PRAGMA busy_timeout = 5000');
  const key = liveKeys.renewal(connectionId);
  const row = database.prepare(`SELECT version FROM secrets WHERE gate = 'live' AND key = ?`).get(key);
  const marked = Number(row?.['version'] ?? 0) + 1;
  const condition =
    refused === 'renewed'
      ? `NEW.gate = 'live' AND NEW.key = '${key}' AND NEW.version > ${marked}`
      : `NEW.gate = 'pending' AND NEW.key LIKE '${connectionId}/%'`;
  const name = `"refuse ${connectionId}"`;
  database.exec(
    `CREATE TRIGGER ${name} BEFORE INSERT ON secrets WHEN ${condition} BEGIN SELECT RAISE(FAIL, 'refused'); END`,
  );
  return () => {
    database.exec(`DROP TRIGGER ${name}`);
    database.close();
  };
}
