import type { Clock } from '../../platform/clock.ts';
import type { Json } from '../../platform/json.ts';
import type { KeyRing } from '../../platform/key-ring.ts';
import { resealRows, type SealedTable } from '../sealed-rows.ts';
import { inTransaction, openSqliteDatabase } from '../sqlite-database.ts';
import { EphemeralStoreUnavailable, type EphemeralStore } from './port.ts';
import { SCHEMA, prepareStatements } from './sqlite-statements.ts';

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
  /** Readers never see what has expired; this only gives its room back, now and then, beside a write. */
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
