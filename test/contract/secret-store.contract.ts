import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { SecretStoreConflict, type SecretStore } from '../../stores/secrets/port.ts';

/** What every secret store guarantees. `open` returns a store with the rights of a worker. */
export function secretStoreContract(open: () => Promise<SecretStore>): void {
  let store: SecretStore;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(async () => {
    await store.close();
  });

  const newId = () => `con_${randomUUID()}`;
  /** A key that the policies allow in `live` and in `revoking`. */
  const newKey = () => `${newId()}/renewal`;
  const secret = (data: JsonObject) => new Secret(data);
  const write = async (key: string, data: JsonObject, cas?: number) =>
    await store.write('live', key, secret(data), cas === undefined ? {} : { cas });
  const read = async (key: string) => {
    const stored = await store.read('live', key);
    return stored && { version: stored.version, data: stored.data.reveal() };
  };

  it('a secret store answers a ping', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
  });

  it('a secret store has nothing under a key that was never written', async () => {
    expect(await read(newKey())).toBeUndefined();
  });

  it('a secret store returns exactly what was written', async () => {
    const key = newKey();
    const data = {
      text: 'Zoë "quoted" \\ \n \u2028 🔑',
      whole: Number.MAX_SAFE_INTEGER,
      fraction: -0.1,
      nothing: null,
      deep: { list: [1, [], {}, [{ a: false }]] },
      '': 'an empty name',
    };
    await write(key, data);
    expect((await read(key))?.data).toEqual(data);
  });

  it('a secret store returns any JSON object unchanged', async () => {
    const key = newKey();
    const object = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(object, async (value) => {
        const data = JSON.parse(JSON.stringify(value)) as JsonObject;
        await write(key, data);
        expect((await read(key))?.data).toEqual(data);
      }),
      { numRuns: 30 },
    );
  });

  it('a secret store counts versions from 1, and returns the version of each write', async () => {
    const key = newKey();
    expect([await write(key, { n: 1 }), await write(key, { n: 2 }), await write(key, { n: 3 })]).toEqual([1, 2, 3]);
    expect(await read(key)).toEqual({ version: 3, data: { n: 3 } });
  });

  it('exactly one of twenty callers can create a key with cas 0', async () => {
    const key = newKey();
    const results = await Promise.allSettled(Array.from({ length: 20 }, async (_, n) => await write(key, { n }, 0)));
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(refusals).toHaveLength(19);
    for (const reason of refusals) expect(reason).toBeInstanceOf(SecretStoreConflict);
    expect(await read(key)).toEqual({
      version: 1,
      data: { n: results.findIndex(({ status }) => status === 'fulfilled') },
    });
  });

  it('a write with cas succeeds at the version that was read, and changes nothing at any other', async () => {
    const key = newKey();
    await write(key, { n: 1 });
    expect(await write(key, { n: 2 }, 1)).toBe(2);
    for (const cas of [0, 1, 3]) await expect(write(key, { n: 9 }, cas)).rejects.toThrow(SecretStoreConflict);
    expect(await read(key)).toEqual({ version: 2, data: { n: 2 } });
  });

  it('a write with cas above 0 is refused where the key does not exist', async () => {
    await expect(write(newKey(), { n: 1 }, 1)).rejects.toThrow(SecretStoreConflict);
  });

  it('a conflict error never contains a value', async () => {
    const key = newKey();
    await write(key, { token: 'canary-old' });
    const error = await write(key, { token: 'canary-new' }, 7).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SecretStoreConflict);
    expect((error as Error).message).toContain(key);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('canary');
  });

  it('a destroyed key can be created again with cas 0, at version 1', async () => {
    const key = newKey();
    await write(key, { n: 1 });
    await write(key, { n: 2 });
    await store.destroy('live', key);
    expect(await read(key)).toBeUndefined();
    expect(await write(key, { n: 3 }, 0)).toBe(1);
    expect(await read(key)).toEqual({ version: 1, data: { n: 3 } });
  });

  it('destroying a key that does not exist is no error', async () => {
    await expect(store.destroy('live', newKey())).resolves.toBeUndefined();
  });

  it('pruning before a version keeps that version as it is, and can be repeated', async () => {
    const key = `${newId()}/ref`;
    const put = async (data: JsonObject, cas: number) => await store.write('pending', key, secret(data), { cas });
    await put({ key: 'needed once' }, 0);
    await put({ kept: 'for good' }, 1);
    await store.prune('pending', key, 2);
    await store.prune('pending', key, 2);
    expect((await store.read('pending', key))?.data.reveal()).toEqual({ kept: 'for good' });
    expect(await put({ kept: 'still' }, 2)).toBe(3);
  });

  it('pruning a key that does not exist, or has only one version, is no error', async () => {
    const key = `${newId()}/ref`;
    await expect(store.prune('pending', key, 5)).resolves.toBeUndefined();
    await store.write('pending', key, secret({ n: 1 }));
    await store.prune('pending', key, 1);
    expect((await store.read('pending', key))?.version).toBe(1);
  });

  it('a secret store reports when a version was written', async () => {
    const key = newKey();
    const writtenAt = async () => Date.parse((await store.read('live', key))?.writtenAt ?? '');
    await write(key, { n: 1 });
    const first = await writtenAt();
    await write(key, { n: 2 });
    expect(first).toBeGreaterThan(0);
    expect(await writtenAt()).toBeGreaterThanOrEqual(first);
  });

  it('a key in one gate is independent of the same key in another gate', async () => {
    const key = newKey();
    await store.write('live', key, secret({ gate: 'live' }));
    await store.write('revoking', key, secret({ gate: 'revoking' }));
    await store.destroy('live', key);
    expect(await store.read('live', key)).toBeUndefined();
    expect((await store.read('revoking', key))?.data.reveal()).toEqual({ gate: 'revoking' });
  });

  it('a secret store lists one level, sorted, with a slash behind folders', async () => {
    const root = newId();
    for (const key of ['b', 'a/2', 'a/1', 'a', 'a-b/x', 'ab']) {
      await store.write('pending', `${root}/${key}`, secret({ key }));
    }
    expect(await store.list('pending', `${root}/`)).toEqual(['a', 'a-b/', 'a/', 'ab', 'b']);
    expect(await store.list('pending', `${root}/a/`)).toEqual(['1', '2']);
    expect(await store.list('pending', '')).toContain(`${root}/`);
  });

  it('a secret store lists the connections of a gate as folders', async () => {
    const id = newId();
    for (const name of ['renewal', 'access', 'about']) await store.write('live', `${id}/${name}`, secret({ name }));
    expect(await store.list('live', '', { timeoutMs: 10_000 })).toContain(`${id}/`);
    expect(await store.list('live', `${id}/`)).toEqual(['about', 'access', 'renewal']);
  });

  it('a secret store lists nothing where no key exists or all were destroyed', async () => {
    const root = newId();
    expect(await store.list('pending', `${root}/`)).toEqual([]);
    await store.write('pending', `${root}/ref`, secret({ n: 1 }));
    await store.destroy('pending', `${root}/ref`);
    expect(await store.list('pending', `${root}/`)).toEqual([]);
  });

  it('a secret store accepts a cloud’s own names as keys', async () => {
    const key = `arn:aws:iam::123456789012:role/team,x=y@z+1~a/${randomUUID()}`;
    await store.write('claims', key, secret({ tenant: 'acme' }), { cas: 0 });
    expect((await store.read('claims', key))?.data.reveal()).toEqual({ tenant: 'acme' });
  });

  it('a secret store refuses a key that could lead out of its gate', async () => {
    for (const key of ['../config/key-check', 'a/../b', './a', '', '/a', 'a/', 'a//b', 'a%2f..', 'a?b', 'a#b', 'a b']) {
      await expect(store.read('live', key)).rejects.toThrow(RangeError);
      await expect(store.write('live', key, secret({}))).rejects.toThrow(RangeError);
      await expect(store.destroy('live', key)).rejects.toThrow(RangeError);
      await expect(store.prune('live', key, 2)).rejects.toThrow(RangeError);
    }
    for (const prefix of ['a', '/', '../', 'a//']) {
      await expect(store.list('pending', prefix)).rejects.toThrow(RangeError);
    }
  });
}
