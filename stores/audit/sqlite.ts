import type { DatabaseSync } from 'node:sqlite';
import { EphemeralStoreUnavailable } from '../ephemeral/port.ts';
import { inTransaction, openSqliteDatabase } from '../sqlite-database.ts';
import type { AuditStore, StoredLine } from './port.ts';

/** The stand-in of `npm start`. Lines are kept in clear, as in Redis: they hold no secret, and each is signed. */
export function createSqliteAuditStore({ path }: { readonly path: string }): AuditStore {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'unknown reason';
      throw new EphemeralStoreUnavailable(`The embedded audit store ${path} can't serve: ${reason}`, { cause });
    }
  };
  const database = guarded(() => openSqliteDatabase(path, SCHEMA));
  const statements = prepareStatements(database);
  const last = (chain: string): StoredLine | undefined => lineOf(statements.last.get(chain));

  return {
    async last(chain) {
      return guarded(() => last(chain));
    },

    async append(chain, after, lines, keep) {
      return guarded(() =>
        inTransaction(database, () => {
          const head = last(chain);
          if (head?.seq !== after?.seq || head?.recordedAtMs !== after?.recordedAtMs) return false;
          for (const { seq, recordedAtMs, text } of lines) statements.append.run(chain, seq, recordedAtMs, text);
          statements.trimToLength.run(chain, keep.lines);
          statements.trimToAge.run(chain, keep.fromMs);
          return true;
        }),
      );
    },

    async read(chain, { order, after, fromMs, toMs, limit }) {
      const statement = order === 'oldest_first' ? statements.oldestFirst : statements.newestFirst;
      const behind = after?.seq ?? (order === 'oldest_first' ? 0 : Number.MAX_SAFE_INTEGER);
      const rows = guarded(() => statement.all(chain, behind, fromMs ?? 0, toMs ?? Number.MAX_SAFE_INTEGER, limit));
      return rows.flatMap((row) => lineOf(row) ?? []);
    },

    async close() {
      database.close();
    },
  };
}

const lineOf = (row: Readonly<Record<string, unknown>> | undefined): StoredLine | undefined =>
  row && { seq: Number(row['seq']), recordedAtMs: Number(row['recordedAtMs']), text: String(row['text']) };

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS lines (
    chain TEXT NOT NULL, seq INTEGER NOT NULL, recorded_at_ms INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (chain, seq)
  ) STRICT, WITHOUT ROWID`;

const COLUMNS = 'seq, recorded_at_ms AS recordedAtMs, text';

function prepareStatements(database: DatabaseSync) {
  const read = (beyond: '<' | '>', order: 'ASC' | 'DESC') =>
    database.prepare(`
      SELECT ${COLUMNS} FROM lines WHERE chain = ? AND seq ${beyond} ? AND recorded_at_ms BETWEEN ? AND ?
      ORDER BY seq ${order} LIMIT ?`);
  return {
    last: database.prepare(`SELECT ${COLUMNS} FROM lines WHERE chain = ? ORDER BY seq DESC LIMIT 1`),
    append: database.prepare('INSERT INTO lines VALUES (?, ?, ?, ?)'),
    trimToLength: database.prepare(`
      DELETE FROM lines WHERE chain = ?1 AND seq <= (
        SELECT seq FROM lines WHERE chain = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)`),
    trimToAge: database.prepare('DELETE FROM lines WHERE chain = ? AND recorded_at_ms < ?'),
    oldestFirst: read('>', 'ASC'),
    newestFirst: read('<', 'DESC'),
  };
}
