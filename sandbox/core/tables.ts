import { DatabaseSync } from 'node:sqlite';

import type { Json } from '../../platform/json.ts';

/** Rows of one kind, by id; read from memory, written through to the state file where there is one. */
export interface Table<T> {
  get(id: string): T | undefined;
  put(id: string, row: T): void;
  delete(id: string): void;
  values(): IterableIterator<T>;
}

export interface Tables {
  table<T>(kind: string): Table<T>;
  /**
   * Runs `work`, which must be synchronous, and returns once what it wrote would survive `kill -9`: a reply made
   * from its result is never ahead of the state. If it throws, nothing of it stays.
   */
  commit<T>(work: () => T): T;
  /** Forgets every row of every kind. */
  clear(): void;
  close(): void;
}

type Rows = Map<string, Json>;

/** Everything a simulated cloud remembers: in memory alone, or also in one SQLite file that outlives the process. */
export function createTables(file?: string): Tables {
  const journal = openJournal(file);
  const kinds = journal.load();
  let undo: (() => void)[] = [];

  const set = (kind: string, id: string, row: Json | undefined) => {
    const rows = rowsOf(kinds, kind);
    const before = rows.get(id);
    undo.push(() => assign(rows, id, before));
    assign(rows, id, row);
    journal.write(kind, id, row);
  };

  return {
    table<T>(kind: string): Table<T> {
      const rows = rowsOf(kinds, kind) as unknown as Map<string, T>;
      return {
        get: (id) => rows.get(id),
        put: (id, row) => set(kind, id, row as unknown as Json),
        delete: (id) => set(kind, id, undefined),
        values: () => rows.values(),
      };
    },
    commit(work) {
      undo = [];
      journal.begin();
      try {
        const result = work();
        journal.commit();
        return result;
      } catch (error) {
        journal.rollback();
        for (const step of undo.reverse()) step();
        throw error;
      }
    },
    clear() {
      for (const rows of kinds.values()) rows.clear();
      journal.clear();
    },
    close: () => journal.close(),
  };
}

interface Journal {
  load(): Map<string, Rows>;
  write(kind: string, id: string, row: Json | undefined): void;
  begin(): void;
  commit(): void;
  rollback(): void;
  clear(): void;
  close(): void;
}

function openJournal(file: string | undefined): Journal {
  if (file === undefined) {
    const nothing = () => {};
    return {
      load: () => new Map(),
      write: nothing,
      begin: nothing,
      commit: nothing,
      rollback: nothing,
      clear: nothing,
      close: nothing,
    };
  }
  const database = new DatabaseSync(file);
  // The write-ahead log outlives the process without an fsync each time; only a power cut could take back a commit.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000');
  database.exec('CREATE TABLE IF NOT EXISTS rows (kind TEXT, id TEXT, json TEXT NOT NULL, PRIMARY KEY (kind, id))');
  const upsert = database.prepare('INSERT OR REPLACE INTO rows (kind, id, json) VALUES (?, ?, ?)');
  const remove = database.prepare('DELETE FROM rows WHERE kind = ? AND id = ?');
  return {
    load() {
      const kinds = new Map<string, Rows>();
      for (const { kind, id, json } of database.prepare('SELECT kind, id, json FROM rows').iterate()) {
        rowsOf(kinds, String(kind)).set(String(id), JSON.parse(String(json)) as Json);
      }
      return kinds;
    },
    write(kind, id, row) {
      if (row === undefined) remove.run(kind, id);
      else upsert.run(kind, id, JSON.stringify(row));
    },
    begin: () => database.exec('BEGIN IMMEDIATE'),
    commit: () => database.exec('COMMIT'),
    rollback: () => database.exec('ROLLBACK'),
    clear: () => database.exec('DELETE FROM rows'),
    close: () => database.close(),
  };
}

function rowsOf(kinds: Map<string, Rows>, kind: string): Rows {
  let rows = kinds.get(kind);
  if (!rows) kinds.set(kind, (rows = new Map()));
  return rows;
}

function assign(rows: Rows, id: string, row: Json | undefined): void {
  if (row === undefined) rows.delete(id);
  else rows.set(id, row);
}
