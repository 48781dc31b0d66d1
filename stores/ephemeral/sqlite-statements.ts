import type { DatabaseSync } from 'node:sqlite';

// Ids of entries are never used again (AUTOINCREMENT), so that a reader's place stays right when a stream expires.
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, sealed TEXT NOT NULL, expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS counters (
    key TEXT PRIMARY KEY, count INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS streams (
    key TEXT PRIMARY KEY, expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS stream_entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT NOT NULL REFERENCES streams ON DELETE CASCADE,
    sealed TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS stream_order ON stream_entries (stream, id);
  CREATE TABLE IF NOT EXISTS maps (
    key TEXT PRIMARY KEY, expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS fields (
    map TEXT NOT NULL REFERENCES maps ON DELETE CASCADE, name TEXT NOT NULL, sealed TEXT NOT NULL,
    PRIMARY KEY (map, name)
  ) STRICT`;

const TABLES = ['entries', 'counters', 'streams', 'maps'] as const;

/** Everything that is asked of the file. Where a `now` is bound, what has expired by then does not count. */
export function prepareStatements(database: DatabaseSync) {
  return {
    put: database.prepare(`
      INSERT INTO entries VALUES (?1, ?2, ?3)
      ON CONFLICT DO UPDATE SET sealed = ?2, expires_at_ms = ?3`),
    putIfAbsent: database.prepare(`
      INSERT INTO entries VALUES (?1, ?2, ?3)
      ON CONFLICT DO UPDATE SET sealed = ?2, expires_at_ms = ?3 WHERE expires_at_ms <= ?4`),
    get: database.prepare('SELECT sealed FROM entries WHERE key = ? AND expires_at_ms > ?'),
    take: database.prepare('DELETE FROM entries WHERE key = ? AND expires_at_ms > ? RETURNING sealed'),
    increment: database.prepare(`
      INSERT INTO counters VALUES (?1, ?4, ?2)
      ON CONFLICT DO UPDATE SET
        count = iif(expires_at_ms > ?3, count + ?4, ?4),
        expires_at_ms = iif(expires_at_ms > ?3, expires_at_ms, ?2)
      RETURNING count, expires_at_ms AS expiresAtMs`),
    dropExpiredStream: database.prepare('DELETE FROM streams WHERE key = ? AND expires_at_ms <= ?'),
    touchStream: database.prepare('INSERT INTO streams VALUES (?1, ?2) ON CONFLICT DO UPDATE SET expires_at_ms = ?2'),
    append: database.prepare('INSERT INTO stream_entries (stream, sealed) VALUES (?, ?)'),
    trim: database.prepare(`
      DELETE FROM stream_entries WHERE stream = ?1 AND id <= (
        SELECT id FROM stream_entries WHERE stream = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`),
    readStream: database.prepare(`
      SELECT id, sealed FROM stream_entries JOIN streams ON streams.key = stream
      WHERE stream = ? AND expires_at_ms > ? AND id > ? ORDER BY id LIMIT ?`),
    dropExpiredMap: database.prepare('DELETE FROM maps WHERE key = ? AND expires_at_ms <= ?'),
    touchMap: database.prepare('INSERT INTO maps VALUES (?1, ?2) ON CONFLICT DO UPDATE SET expires_at_ms = ?2'),
    setField: database.prepare('INSERT INTO fields VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET sealed = ?3'),
    unsetField: database.prepare('DELETE FROM fields WHERE map = ? AND name = ?'),
    getField: database.prepare(`
      SELECT sealed FROM fields JOIN maps ON maps.key = map WHERE map = ?1 AND name = ?2 AND expires_at_ms > ?3`),
    getFields: database.prepare(`
      SELECT name, sealed FROM fields JOIN maps ON maps.key = map WHERE map = ? AND expires_at_ms > ?`),
    ping: database.prepare('SELECT count(*) FROM entries WHERE key IS NULL'),
    drop: TABLES.map((table) => database.prepare(`DELETE FROM ${table} WHERE key = ?`)),
    dropExpired: TABLES.map((table) => database.prepare(`DELETE FROM ${table} WHERE expires_at_ms <= ?`)),
  };
}
