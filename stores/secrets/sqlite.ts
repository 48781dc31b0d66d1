import { iso } from '../../contracts/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { JsonObject } from '../../platform/json.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import { Secret } from '../../platform/secret.ts';
import { resealRows, type SealedTable, inTransaction, openSqliteDatabase } from '../sqlite-database.ts';
import {
  SecretStoreConflict,
  SecretStoreUnavailable,
  type Gate,
  type SecretStore,
  assertSecretKey,
  assertSecretPrefix,
} from './port.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS secrets (
    gate TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed TEXT NOT NULL,
    written_at TEXT NOT NULL,
    PRIMARY KEY (gate, key)
  ) STRICT, WITHOUT ROWID`;

// A value that was moved to another key, or an old value that was put back, does not open.
const contextOf = (gate: string, key: string, version: number): string => `${gate}/${key}/${version}`;

/** What is sealed in the file, for the key ring's rotation. */
export const sealedSecrets: readonly SealedTable[] = [
  {
    name: 'secrets',
    primaryKey: ['gate', 'key'],
    columns: ['version'],
    contextOf: (row) => contextOf(String(row['gate']), String(row['key']), Number(row['version'])),
  },
];

interface Row {
  readonly version: number;
  readonly sealed: string;
  readonly written_at: string;
}

/**
 * The stand-in of `npm start`: one file shared by API and worker, only the newest version kept, values sealed by
 * the key ring. It does not protect against a reader of both files, the store's and the key's.
 */
export function createSqliteSecretStore(options: {
  readonly path: string;
  readonly keyRing: KeyRing;
  readonly clock: Clock;
}): SecretStore {
  const { path, keyRing, clock } = options;
  const database = guarded('open', path, () => openSqliteDatabase(path, SCHEMA));
  const select = database.prepare('SELECT version, sealed, written_at FROM secrets WHERE gate = ? AND key = ?');
  const upsert = database.prepare(`
    INSERT INTO secrets (gate, key, version, sealed, written_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET version = excluded.version, sealed = excluded.sealed, written_at = excluded.written_at`);
  const remove = database.prepare('DELETE FROM secrets WHERE gate = ? AND key = ?');
  const below = database.prepare('SELECT key FROM secrets WHERE gate = ? AND substr(key, 1, ?) = ?');

  const find = (gate: Gate, key: string) => select.get(gate, key) as Row | undefined;

  return {
    async read(gate, key) {
      assertSecretKey(key);
      return guarded(`read ${gate}/${key} from`, path, () => {
        const row = find(gate, key);
        if (!row) return undefined;
        const opened = keyRing.open('embedded-store', row.sealed, contextOf(gate, key, row.version));
        const data = new Secret(JSON.parse(opened.toString()) as JsonObject);
        return { version: row.version, data, writtenAt: row.written_at };
      });
    },

    async write(gate, key, data, { cas } = {}) {
      assertSecretKey(key);
      return guarded(`write ${gate}/${key} to`, path, () =>
        inTransaction(database, () => {
          const existing = find(gate, key)?.version ?? 0;
          if (cas !== undefined && cas !== existing) {
            throw new SecretStoreConflict(
              `Conflict on "write ${gate}/${key}": the key is at another version. Nothing was written.`,
            );
          }
          const version = existing + 1;
          const sealed = keyRing.seal('embedded-store', JSON.stringify(data.reveal()), contextOf(gate, key, version));
          upsert.run(gate, key, version, sealed, iso(clock.now()));
          return version;
        }),
      );
    },

    async destroy(gate, key) {
      assertSecretKey(key);
      guarded(`destroy ${gate}/${key} in`, path, () => {
        remove.run(gate, key);
        // Until the checkpoint truncates it, the write-ahead log still holds the old pages.
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      });
    },

    async prune(gate, key) {
      assertSecretKey(key);
      // Only the newest version is a row; older ones may still be in the write-ahead log.
      guarded(`prune ${gate}/${key} in`, path, () => database.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
    },

    async list(gate, prefix) {
      assertSecretPrefix(prefix);
      return guarded(`list ${gate}/${prefix} in`, path, () => {
        const rows = below.all(gate, prefix.length, prefix) as unknown as { readonly key: string }[];
        return [...new Set(rows.map(({ key }) => firstLevel(key.slice(prefix.length))))].sort();
      });
    },

    async reseal() {
      return await resealRows(database, sealedSecrets, keyRing);
    },

    async ping() {
      guarded('read from', path, () => find('config', 'key-check'));
    },

    async close() {
      database.close();
    },
  };
}

function firstLevel(rest: string): string {
  const slash = rest.indexOf('/');
  return slash === -1 ? rest : rest.slice(0, slash + 1);
}

/** SQLite transactions are atomic, so a failure is never ambiguous. */
function guarded<T>(what: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SecretStoreConflict) throw error;
    const reason = error instanceof Error ? error.message : 'unknown';
    throw new SecretStoreUnavailable(`Can't ${what} the embedded secret store ${path}: ${reason}`, {
      ambiguous: false,
      cause: error,
    });
  }
}
