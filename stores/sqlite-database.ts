import { closeSync, mkdirSync, openSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { KeyRingError, type KeyRing } from '../platform/key-ring.ts';

/** How long a call waits for another process's lock. It blocks this process meanwhile. */
const BUSY_TIMEOUT_MS = 2_000;

/**
 * Opens (or makes, readable by its owner alone) the file of an embedded store that several processes share.
 * `schema` is run at every start: `CREATE … IF NOT EXISTS` only.
 */
export function openSqliteDatabase(path: string, schema: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path);
  try {
    // First, because two processes that start together both switch the new file to WAL.
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON');
    inTransaction(database, () => database.exec(schema));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Takes the write lock at once (BEGIN IMMEDIATE), so that what `work` reads is still true when it writes. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** A failed COMMIT may have rolled back already. The caller must get the first error, not one of the rollback. */
function rollBack(database: DatabaseSync): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // No transaction is open any more.
  }
}

/** Rows in one transaction: few, because other processes wait for its lock. */
const BATCH = 200;

type Row = Readonly<Record<string, string | number>>;

/** A table of an embedded store that has a column `sealed`, of the form that `KeyRing.seal` makes. */
export interface SealedTable {
  readonly name: string;
  /** The columns that identify a row. */
  readonly primaryKey: readonly string[];
  /** Further columns that the context needs. */
  readonly columns: readonly string[];
  /** The context that a row's value is sealed with. */
  readonly contextOf: (row: Row) => string;
}

/**
 * Seals every row again that an older key of the ring has sealed, so that this key can be dropped. A row that does not
 * open, or whose key is not in the ring, is left as it is. Answers how many were sealed again.
 */
export async function resealRows(
  database: DatabaseSync,
  tables: readonly SealedTable[],
  keyRing: KeyRing,
): Promise<number> {
  let resealed = 0;
  for (const table of tables) {
    const nextBatch = batches(database, table, keyRing);
    for (;;) {
      const { rows, sealed } = inTransaction(database, nextBatch);
      resealed += sealed;
      if (rows < BATCH) break;
      // Lets waiting calls run between two batches.
      await setImmediate();
    }
  }
  // Until the checkpoint truncates it, the write-ahead log still holds the old pages.
  if (resealed > 0) database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  return resealed;
}

/** How many rows each key has sealed, by key id. Nothing where there is no such file. */
export function countSealedRows(path: string, tables: readonly SealedTable[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (!existsSync(path)) return counts;
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    for (const { name } of tables) {
      for (const row of database.prepare(`SELECT ${KEY_ID} AS id, count(*) AS n FROM ${name} GROUP BY 1`).all()) {
        const id = String(row['id']);
        counts.set(id, (counts.get(id) ?? 0) + Number(row['n']));
      }
    }
    return counts;
  } finally {
    database.close();
  }
}

const KEY_ID = `substr(sealed, 1, instr(sealed, '.') - 1)`;

/** Each call handles the next batch, in the order of the primary key. */
function batches(database: DatabaseSync, { name, primaryKey, columns, contextOf }: SealedTable, keyRing: KeyRing) {
  const place = primaryKey.join(', ');
  const marks = primaryKey.map(() => '?').join(', ');
  const select = (after: string) =>
    database.prepare(`
      SELECT ${[...primaryKey, ...columns, 'sealed'].join(', ')} FROM ${name}
      WHERE ${KEY_ID} <> ? ${after} ORDER BY ${place} LIMIT ${BATCH}`);
  const [first, next] = [select(''), select(`AND (${place}) > (${marks})`)];
  const update = database.prepare(`UPDATE ${name} SET sealed = ? WHERE (${place}) = (${marks})`);

  let last: SQLInputValue[] | undefined;
  return (): { rows: number; sealed: number } => {
    const current = keyRing.currentKeyId;
    const rows = (last ? next.all(current, ...last) : first.all(current)) as Row[];
    let resealed = 0;
    for (const row of rows) {
      last = primaryKey.map((column) => row[column] ?? null);
      const sealed = reseal(keyRing, String(row['sealed']), contextOf(row));
      if (sealed === undefined) continue;
      update.run(sealed, ...last);
      resealed += 1;
    }
    return { rows: rows.length, sealed: resealed };
  };
}

function reseal(keyRing: KeyRing, sealed: string, context: string): string | undefined {
  try {
    return keyRing.seal('embedded-store', keyRing.open('embedded-store', sealed, context), context);
  } catch (error) {
    if (error instanceof KeyRingError) return undefined;
    throw error;
  }
}
