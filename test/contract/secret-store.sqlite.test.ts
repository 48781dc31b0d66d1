import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DatabaseSync } from 'node:sqlite';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';

import { systemClock } from '../../platform/clock.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { Secret } from '../../platform/secret.ts';
import { SecretStoreUnavailable } from '../../stores/secrets/port.ts';
import { createSqliteSecretStore } from '../../stores/secrets/sqlite.ts';
import { secretStoreContract } from './secret-store.contract.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const keys = KeyRing.generate();
const racer = fileURLToPath(new URL('./secret-store.cas-racer.ts', import.meta.url));

/** The only value in the file, as it is stored. */
function sealedIn(path: string): string {
  const file = new DatabaseSync(path, { readOnly: true });
  const row = file.prepare('SELECT sealed FROM secrets').get();
  file.close();
  return String(row?.['sealed']);
}

describe('the secret store on SQLite', () => {
  let folder: string;
  beforeAll(async () => {
    folder = temporaryFolder();
  });
  const newPath = () => join(folder, randomUUID(), 'secrets.db');
  const open = (path: string, ring = keys) =>
    createSqliteSecretStore({ path, keyRing: KeyRing.parse(ring), clock: systemClock });

  secretStoreContract(async () => open(join(temporaryFolder(), 'secrets.db')));

  it('no step is lost where four processes count up one key, even before the store’s file exists', async () => {
    const path = newPath();
    const args = [
      '--experimental-strip-types',
      '--no-warnings',
      racer,
      '--path',
      path,
      '--keys',
      keys,
      '--steps',
      '100',
    ];
    const racers = Array.from({ length: 4 }, () => execa(process.execPath, args));
    await Promise.all(racers.map(async ({ stdout }) => await once(stdout, 'data')));
    for (const { stdin } of racers) stdin.end();
    const conflicts = (await Promise.all(racers)).map(({ stdout }) => Number(stdout.replace('ready\n', '')));

    const counter = await open(path).read('live', 'counter');
    expect(counter?.data.reveal()).toEqual({ count: 400 });
    expect(counter?.version).toBe(400);
    // The processes did race: without a conflict this test would prove nothing.
    expect(Math.max(...conflicts)).toBeGreaterThan(0);
  });

  it('the SQLite store keeps no value in clear text, and none at all once it is destroyed', async () => {
    const path = newPath();
    const store = open(path);
    const contents = async () => {
      const files = await readdir(join(path, '..'));
      return Buffer.concat(await Promise.all(files.map(async (file) => await readFile(join(path, '..', file)))));
    };
    await store.write('live', 'con_a', new Secret({ refresh_token: 'canary-value' }));
    const sealed = sealedIn(path);
    expect(await contents()).toSatisfy((bytes: Buffer) => bytes.includes('con_a') && !bytes.includes('canary'));

    expect((await contents()).includes(sealed)).toBe(true);

    await store.destroy('live', 'con_a');
    expect((await contents()).includes(sealed)).toBe(false);
  });

  it('the SQLite store keeps no older version in its files once it is pruned', async () => {
    const path = newPath();
    const store = open(path);
    const contents = async () => {
      const files = await readdir(join(path, '..'));
      return Buffer.concat(await Promise.all(files.map(async (file) => await readFile(join(path, '..', file)))));
    };
    await store.write('pending', 'con_a/ref', new Secret({ consumer_key: 'needed once' }));
    const sealed = sealedIn(path);
    await store.write('pending', 'con_a/ref', new Secret({ client_id: 'kept' }), { cas: 1 });
    expect((await contents()).includes(sealed), 'the log still has it').toBe(true);
    await store.prune('pending', 'con_a/ref', 2);
    expect((await contents()).includes(sealed)).toBe(false);
  });

  it('the SQLite store makes its file and folder accessible to their owner only', async () => {
    const path = newPath();
    await open(path).close();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
  });

  it('the SQLite store opens neither a value moved to another key nor an old value that was put back', async () => {
    const path = newPath();
    const store = open(path);
    await store.write('live', 'con_a', new Secret({ n: 1 }));
    const old = sealedIn(path);
    await store.write('live', 'con_a', new Secret({ n: 2 }));
    await store.write('live', 'con_b', new Secret({ n: 3 }));

    const file = new DatabaseSync(path);
    file.prepare('UPDATE secrets SET sealed = ?').run(old);
    file.close();
    await expect(store.read('live', 'con_a')).rejects.toThrow(SecretStoreUnavailable);
    await expect(store.read('live', 'con_b')).rejects.toThrow(SecretStoreUnavailable);
  });

  it('a read names the missing key where the value was sealed with another key ring', async () => {
    const path = newPath();
    await open(path, KeyRing.generate('old')).write('live', 'con_a', new Secret({ n: 1 }));
    await expect(open(path, KeyRing.generate('new')).read('live', 'con_a')).rejects.toThrow(/no key "old"/);
  });

  it('the SQLite store is unavailable, not ambiguous, while another process holds its lock for too long', async () => {
    const path = newPath();
    const store = open(path);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const error = await store.write('live', 'con_a', new Secret({ n: 1 })).catch((reason: unknown) => reason);
    other.close();
    expect(error).toBeInstanceOf(SecretStoreUnavailable);
    expect(error).toMatchObject({ ambiguous: false, message: expect.stringContaining('locked') as string });
    expect(await store.write('live', 'con_a', new Secret({ n: 1 }), { cas: 0 })).toBe(1);
  });
});
