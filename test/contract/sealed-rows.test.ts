import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { systemClock } from '../../platform/clock.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { Secret } from '../../platform/secret.ts';
import { createSqliteEphemeralStore, sealedEntries } from '../../stores/ephemeral/sqlite.ts';
import { countSealedRows } from '../../stores/sqlite-database.ts';
import { createSqliteSecretStore, sealedSecrets } from '../../stores/secrets/sqlite.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const [old, fresh] = [KeyRing.generate('k1'), KeyRing.generate('k2')];
const fence = { key: 'fence', below: 1 };

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), 'store.db');
});

function secretsWith(keys: string) {
  const store = createSqliteSecretStore({ path, keyRing: KeyRing.parse(keys), clock: systemClock });
  onTestFinished(async () => await store.close());
  return store;
}
function ephemeralWith(keys: string) {
  const store = createSqliteEphemeralStore({ path, keyRing: KeyRing.parse(keys), clock: systemClock });
  onTestFinished(async () => await store.close());
  return store;
}
const secretsByKey = () => Object.fromEntries(countSealedRows(path, sealedSecrets));
const entriesByKey = () => Object.fromEntries(countSealedRows(path, sealedEntries));

describe('an embedded secret store that is sealed again', () => {
  it('a resealed secret store no longer needs the old key, and keeps the version of every row', async () => {
    const before = secretsWith(old);
    await before.write('live', 'con_a', new Secret({ n: 1 }));
    await before.write('live', 'con_a', new Secret({ n: 2 }));
    await before.write('config', 'key-check', new Secret({ keys: {} }));
    expect(await secretsWith(`${fresh},${old}`).reseal?.()).toBe(2);
    expect(secretsByKey()).toEqual({ k2: 2 });

    const after = secretsWith(fresh);
    expect((await after.read('live', 'con_a'))?.version).toBe(2);
    expect((await after.read('live', 'con_a'))?.data.reveal()).toEqual({ n: 2 });
    expect(await after.write('live', 'con_a', new Secret({ n: 3 }), { cas: 2 })).toBe(3);
  });

  it('a resealed secret store has nothing left in its files that the old key opens', async () => {
    await secretsWith(old).write('live', 'con_a', new Secret({ n: 1 }));
    const file = new DatabaseSync(path, { readOnly: true });
    const { sealed } = file.prepare('SELECT sealed FROM secrets').get() as { sealed: string };
    file.close();
    const contents = async () => {
      const folder = dirname(path);
      return Buffer.concat(
        await Promise.all((await readdir(folder)).map(async (name) => await readFile(join(folder, name)))),
      );
    };
    expect((await contents()).includes(sealed)).toBe(true);
    await secretsWith(`${fresh},${old}`).reseal?.();
    expect((await contents()).includes(sealed)).toBe(false);
  });

  it('a secret store of several batches is resealed completely, except for rows that cannot be opened', async () => {
    const count = 1_050;
    const [before, foreign] = [secretsWith(old), secretsWith(KeyRing.generate('k9'))];
    for (let n = 0; n < count; n++) {
      await before.write(n % 2 === 0 ? 'live' : 'pending', `con_${n}`, new Secret({ n }));
    }
    for (let n = 0; n < 250; n++) await foreign.write('live', `con_5${n}x`, new Secret({ n }));
    const file = new DatabaseSync(path);
    file.prepare(`UPDATE secrets SET sealed = 'k1.changed' WHERE key = 'con_7'`).run();
    file.close();

    expect(await secretsWith(`${fresh},${old}`).reseal?.()).toBe(count - 1);
    expect(secretsByKey()).toEqual({ k1: 1, k2: count - 1, k9: 250 });
    expect((await secretsWith(fresh).read('pending', 'con_1049'))?.data.reveal()).toEqual({ n: 1049 });
    expect(await secretsWith(`${fresh},${old}`).reseal?.()).toBe(0);
  });

  it('resealing loses no write that another process makes at the same time', async () => {
    const before = secretsWith(old);
    for (let n = 0; n < 1_000; n++) await before.write('live', `con_${n}`, new Secret({ n, step: 0 }));
    const other = secretsWith(`${fresh},${old}`);
    const resealing = secretsWith(`${fresh},${old}`).reseal?.();
    for (let n = 999; n >= 0; n--) await other.write('live', `con_${n}`, new Secret({ n, step: 1 }), { cas: 1 });
    await resealing;
    const after = secretsWith(fresh);
    for (let n = 0; n < 1_000; n += 111) {
      expect((await after.read('live', `con_${n}`))?.data.reveal()).toEqual({ n, step: 1 });
    }
    expect(secretsByKey()).toEqual({ k2: 1_000 });
  });
});

describe('an embedded ephemeral store that is sealed again', () => {
  it('a resealed ephemeral store no longer needs the old key for entries, streams and maps', async () => {
    const before = ephemeralWith(old);
    await before.put('state', { a: 1 }, 600);
    const first = await before.append('events', 'one', { keep: 10, ttlSeconds: 600 });
    await before.append('events', 'two', { keep: 10, ttlSeconds: 600 });
    await before.changeFields([{ key: 'rows', set: { a: 1, 'b.c': 2 }, unset: [] }], fence, 600);
    expect(entriesByKey()).toEqual({ k1: 5 });

    expect(await ephemeralWith(`${fresh},${old}`).reseal?.()).toBe(5);
    expect(entriesByKey()).toEqual({ k2: 5 });
    const after = ephemeralWith(fresh);
    expect(await after.get('state')).toEqual({ a: 1 });
    expect(await after.readStream('events', first, 10)).toMatchObject([{ value: 'two' }]);
    expect(await after.getFields('rows')).toEqual({ a: 1, 'b.c': 2 });
  });
});

it('resealing leaves out no table with sealed values', () => {
  const tablesIn = (): string[] => {
    const file = new DatabaseSync(path, { readOnly: true });
    const found = file.prepare(`
      SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND c.name = 'sealed'`);
    const names = (found.all() as { name: string }[]).map(({ name }) => name);
    file.close();
    return names.toSorted();
  };
  secretsWith(old);
  expect(tablesIn()).toEqual(sealedSecrets.map(({ name }) => name));
  path = join(temporaryFolder(), 'ephemeral.db');
  ephemeralWith(old);
  expect(tablesIn()).toEqual(sealedEntries.map(({ name }) => name).toSorted());
});

it('counting sealed rows makes no file where there is none', () => {
  expect(secretsByKey()).toEqual({});
  expect(existsSync(path)).toBe(false);
});
