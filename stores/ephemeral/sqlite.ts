import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../platform/clock.ts';
import type { Json } from '../../platform/json.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import { resealRows, type SealedTable, inTransaction, openSqliteDatabase } from '../sqlite-database.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from './port.ts';

const PURGE_EVERY_MS = 60_000;
const ENTRY_ID = /^\d{1,15}$/;

/** What is sealed in the file, for the key ring's rotation. */
export const sealedEntries: readonly SealedTable[] = [
  { name: 'entries', primaryKey: ['key'], columns: [], contextOf: (row) => String(row['key']) },
  { name: 'stream_entries', primaryKey: ['id'], columns: ['stream'], contextOf: (row) => String(row['stream']) },
  {
    name: 'fields',
    primaryKey: ['map', 'name'],
    columns: [],
    contextOf: (row) => fieldId(String(row['map']), String(row['name'])),
  },
];

/** The stand-in of `npm start`: one file shared by API and worker, values sealed by the key ring. */
export function createSqliteEphemeralStore(options: {
  readonly path: string;
  readonly keyRing: KeyRing;
  readonly clock: Clock;
}): EphemeralStore {
  const { path, keyRing, clock } = options;
  const database = guarded(path, () => openSqliteDatabase(path, SCHEMA));
  const statements = prepareStatements(database);

  const seal = (key: string, value: Json) => keyRing.seal('embedded-store', JSON.stringify(value), key);
  const open = (key: string, row: unknown): Json | undefined => {
    if (row === undefined) return undefined;
    return JSON.parse(keyRing.open('embedded-store', (row as { sealed: string }).sealed, key).toString()) as Json;
  };
  const expiry = (ttlSeconds: number) => clock.now() + Math.max(1, Math.round(ttlSeconds * 1_000));

  let purgedAtMs = clock.now();
  /** Readers never see expired entries. Now and then a write also deletes them, to free their space. */
  const change = <T>(work: () => T): T =>
    guarded(path, () =>
      inTransaction(database, () => {
        const now = clock.now();
        if (now - purgedAtMs >= PURGE_EVERY_MS) {
          for (const statement of statements.dropExpired) statement.run(now);
          purgedAtMs = now;
        }
        return work();
      }),
    );

  return {
    async put(key, value, ttlSeconds) {
      change(() => statements.put.run(key, seal(key, value), expiry(ttlSeconds)));
    },

    async putIfAbsent(key, value, ttlSeconds) {
      const now = clock.now();
      return change(() => {
        const { changes } = statements.putIfAbsent.run(key, seal(key, value), expiry(ttlSeconds), now);
        return changes === 1;
      });
    },

    async get(key) {
      return guarded(path, () => open(key, statements.get.get(key, clock.now())));
    },

    async take(key) {
      return change(() => open(key, statements.take.get(key, clock.now())));
    },

    async delete(key) {
      change(() => {
        for (const statement of statements.drop) statement.run(key);
      });
    },

    async increment(key, windowSeconds, by = 1) {
      return change(() => {
        const now = clock.now();
        const row = statements.increment.get(key, expiry(windowSeconds), now, by) as {
          count: number;
          expiresAtMs: number;
        };
        return { count: row.count, resetSeconds: Math.ceil((row.expiresAtMs - now) / 1_000) };
      });
    },

    async append(stream, value, { keep, ttlSeconds }) {
      return change(() => {
        statements.dropExpiredStream.run(stream, clock.now());
        statements.touchStream.run(stream, expiry(ttlSeconds));
        const { lastInsertRowid } = statements.append.run(stream, seal(stream, value));
        statements.trim.run(stream, keep);
        return String(lastInsertRowid);
      });
    },

    async readStream(stream, afterId, limit) {
      const after = afterId !== null && ENTRY_ID.test(afterId) ? Number(afterId) : 0;
      return guarded(path, () =>
        statements.readStream.all(stream, clock.now(), after, limit).map((row) => {
          return { id: String(row['id']), value: open(stream, row) ?? null };
        }),
      );
    },

    async getFields(key, names) {
      return guarded(path, () => {
        const now = clock.now();
        const rows = names
          ? names.map((name) => [name, statements.getField.get(key, name, now)] as const)
          : statements.getFields.all(key, now).map((row) => [String(row['name']), row] as const);
        return Object.fromEntries(
          rows.flatMap(([name, row]) => {
            const value = open(fieldId(key, name), row);
            return value === undefined ? [] : [[name, value]];
          }),
        );
      });
    },

    async changeFields(changes, fence, ttlSeconds) {
      return change(() => {
        const now = clock.now();
        const fenced = open(fence.key, statements.get.get(fence.key, now));
        if (typeof fenced === 'number' && fenced >= fence.below) return false;
        for (const { key, set, unset } of changes) {
          statements.dropExpiredMap.run(key, now);
          statements.touchMap.run(key, expiry(ttlSeconds));
          for (const [name, value] of Object.entries(set)) {
            statements.setField.run(key, name, seal(fieldId(key, name), value));
          }
          for (const name of unset) statements.unsetField.run(key, name);
        }
        return true;
      });
    },

    async reseal() {
      return await resealRows(database, sealedEntries, keyRing);
    },

    async ping() {
      guarded(path, () => statements.ping.get());
    },

    async close() {
      database.close();
    },
  };
}

/** What a field's value is bound to: moved to another field it would not open. */
const fieldId = (key: string, name: string): string => JSON.stringify([key, name]);

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown reason';
    throw new EphemeralStoreUnavailable(`The embedded ephemeral store ${path} can't serve: ${reason}`, { cause });
  }
}

// Entry ids are never reused (AUTOINCREMENT), so that a reader's cursor stays right when a stream expires.
const SCHEMA = `
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

/** All statements on the file. Those with a `now` ignore rows that have expired by then. */
function prepareStatements(database: DatabaseSync) {
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
