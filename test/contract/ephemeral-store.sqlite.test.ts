import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { beforeAll, describe, expect, it } from 'vitest';

import { KeyRing } from '../../platform/key-ring.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import { createSqliteEphemeralStore } from '../../stores/ephemeral/sqlite.ts';
import { ephemeralStoreContract } from './ephemeral-store.contract.ts';
import { createManualClock } from './manual-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const keyRing = KeyRing.parse(KeyRing.generate());

describe('the ephemeral store on SQLite', () => {
  let folder: string;
  beforeAll(async () => {
    folder = temporaryFolder();
  });
  const newPath = () => join(folder, randomUUID(), 'ephemeral.db');

  ephemeralStoreContract(async () => {
    const clock = createManualClock();
    const path = join(temporaryFolder(), 'ephemeral.db');
    const store = createSqliteEphemeralStore({ path, keyRing, clock });
    const letPass = async (key: string, seconds: number) => {
      const leftMs = expiryOf(path, key) - clock.now();
      expect(leftMs).toBeLessThanOrEqual(seconds * 1_000);
      expect(leftMs).toBeGreaterThan(seconds * 1_000 - 5_000);
      clock.advance(seconds);
    };
    return { store, letPass };
  });

  it('the ephemeral store on SQLite keeps a value until the last moment of its lifetime', async () => {
    const clock = createManualClock();
    const store = createSqliteEphemeralStore({ path: newPath(), keyRing, clock });
    await store.put('a', 1, 60);
    clock.advance(59.999);
    expect(await store.get('a')).toBe(1);
    clock.advance(0.001);
    expect(await store.get('a')).toBeUndefined();
  });

  it('two stores on one SQLite file share their values, and a take returns the value to one of them', async () => {
    const [path, clock] = [newPath(), createManualClock()];
    const [api, worker] = [1, 2].map(() => createSqliteEphemeralStore({ path, keyRing, clock }));
    await api!.put('state', 'once', 60);
    expect(await worker!.get('state')).toBe('once');
    const taken = await Promise.all([api!.take('state'), worker!.take('state')]);
    expect(taken.filter((value) => value !== undefined)).toEqual(['once']);
  });

  it('the ephemeral store on SQLite deletes expired rows from all tables', async () => {
    const [path, clock] = [newPath(), createManualClock()];
    const store = createSqliteEphemeralStore({ path, keyRing, clock });
    await store.put('old', 1, 60);
    await store.increment('old', 60);
    await store.append('old', 1, { keep: 10, ttlSeconds: 60 });
    await store.changeFields([{ key: 'old', set: { a: 1 }, unset: [] }], { key: 'fence', below: 1 }, 60);
    clock.advance(61);
    await store.put('new', 1, 60);

    const file = new DatabaseSync(path, { readOnly: true });
    const left = ['entries', 'counters', 'streams', 'stream_entries', 'maps', 'fields'].map(
      (table) => file.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'],
    );
    file.close();
    expect(left).toEqual([1, 0, 0, 0, 0, 0]);
  });

  it('the ephemeral store on SQLite writes no value in plain text to its files', async () => {
    const path = newPath();
    const store = createSqliteEphemeralStore({ path, keyRing, clock: createManualClock() });
    await store.put('state', 'canary', 60);
    await store.append('events', 'canary', { keep: 10, ttlSeconds: 60 });
    await store.changeFields([{ key: 'rows', set: { a: 'canary' }, unset: [] }], { key: 'fence', below: 1 }, 60);
    const files = await readdir(join(path, '..'));
    const bytes = Buffer.concat(await Promise.all(files.map(async (file) => await readFile(join(path, '..', file)))));
    expect(bytes.includes('state')).toBe(true);
    expect(bytes.includes('canary')).toBe(false);
  });

  it('the ephemeral store on SQLite is unavailable, with the reason, once it is closed', async () => {
    const store = createSqliteEphemeralStore({ path: newPath(), keyRing, clock: createManualClock() });
    await store.close();
    await expect(store.get('a')).rejects.toThrow(EphemeralStoreUnavailable);
    await expect(store.ping()).rejects.toThrow(/can't serve: \w+/);
  });
});

/** When a key expires, in Unix milliseconds, whatever kind it is. */
function expiryOf(path: string, key: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = ['entries', 'counters', 'streams', 'maps'];
    const query = tables
      .map((table) => `SELECT expires_at_ms AS at FROM ${table} WHERE key = :key`)
      .join(' UNION ALL ');
    return Number(database.prepare(query).get({ key })?.['at'] ?? NaN);
  } finally {
    database.close();
  }
}
