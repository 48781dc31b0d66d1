import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, it } from 'vitest';

import type { EphemeralStore } from '../../stores/ephemeral/port.ts';

export interface EphemeralStoreUnderTest {
  readonly store: EphemeralStore;
  /**
   * Lets `seconds` pass for one key. Where the test does not control the clock, it first checks that the key
   * expires within `seconds`, and then expires it.
   */
  readonly letPass: (key: string, seconds: number) => Promise<void>;
}

/** What every ephemeral store guarantees. */
export function ephemeralStoreContract(open: () => Promise<EphemeralStoreUnderTest>): void {
  let store: EphemeralStore;
  let letPass: EphemeralStoreUnderTest['letPass'];
  beforeAll(async () => {
    ({ store, letPass } = await open());
  });
  afterAll(async () => {
    await store.close();
  });

  /** In one slot of a Redis Cluster: keys that are changed together must be. */
  const newKey = () => `{test}:${randomUUID()}`;
  const fifty = async <T>(call: (n: number) => Promise<T>) =>
    await Promise.all(Array.from({ length: 50 }, async (_, n) => await call(n)));

  it('an ephemeral store answers a ping', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
  });

  it('an ephemeral store returns a value exactly as it was put', async () => {
    const key = newKey();
    const values = [{ deep: [1, -0.5, null, true, { 'Zoë 🔑': '\n"\u2028' }] }, 'text', 0, false, null, [], {}];
    for (const value of values) {
      await store.put(key, value, 60);
      expect(await store.get(key)).toEqual(value);
    }
  });

  it('an ephemeral store has no value under a key that is unknown, deleted or expired', async () => {
    const [never, deleted, over] = [newKey(), newKey(), newKey()];
    await store.put(deleted, 1, 60);
    await store.delete(deleted);
    await store.put(over, 1, 60);
    await letPass(over, 60);
    for (const key of [never, deleted, over]) {
      expect(await store.get(key)).toBeUndefined();
      expect(await store.take(key)).toBeUndefined();
    }
  });

  it('each put starts the lifetime of a key again', async () => {
    const key = newKey();
    await store.put(key, 'short', 10);
    await store.put(key, 'long', 600);
    await letPass(key, 600);
    expect(await store.get(key)).toBeUndefined();
  });

  it('a take returns the value to exactly one of fifty callers', async () => {
    const key = newKey();
    await store.put(key, { verifier: 'sealed' }, 60);
    const taken = await fifty(async () => await store.take(key));
    expect(taken.filter((value) => value !== undefined)).toEqual([{ verifier: 'sealed' }]);
  });

  it('exactly one of fifty callers puts a value that is absent', async () => {
    const key = newKey();
    const wrote = await fifty(async (n) => await store.putIfAbsent(key, n, 60));
    expect(wrote.filter(Boolean)).toHaveLength(1);
    expect(await store.get(key)).toBe(wrote.indexOf(true));
  });

  it('a put-if-absent succeeds again only after the first value has expired', async () => {
    const key = newKey();
    expect(await store.putIfAbsent(key, 'first', 60)).toBe(true);
    expect(await store.putIfAbsent(key, 'second', 6_000)).toBe(false);
    await letPass(key, 60);
    expect(await store.putIfAbsent(key, 'third', 60)).toBe(true);
    expect(await store.get(key)).toBe('third');
  });

  it('a counter counts each of fifty concurrent callers once', async () => {
    const key = newKey();
    const counts = await fifty(async () => (await store.increment(key, 60)).count);
    expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  });

  it('a counter can be increased by more than one, and reduced', async () => {
    const key = newKey();
    expect(await store.increment(key, 60, 3)).toEqual({ count: 3, resetSeconds: 60 });
    expect((await store.increment(key, 60, 4)).count).toBe(7);
    expect((await store.increment(key, 60, -2)).count).toBe(5);
  });

  it('the window of a counter starts at the first call and later calls do not extend it', async () => {
    const key = newKey();
    expect(await store.increment(key, 60)).toEqual({ count: 1, resetSeconds: 60 });
    expect(await store.increment(key, 6_000)).toEqual({ count: 2, resetSeconds: 60 });
    await letPass(key, 60);
    expect(await store.increment(key, 30)).toEqual({ count: 1, resetSeconds: 30 });
  });

  it('a delete removes counters and streams too', async () => {
    const [counter, stream] = [newKey(), newKey()];
    await store.increment(counter, 60);
    await store.append(stream, 1, { keep: 10, ttlSeconds: 60 });
    await store.delete(counter);
    await store.delete(stream);
    expect((await store.increment(counter, 60)).count).toBe(1);
    expect(await store.readStream(stream, null, 10)).toEqual([]);
  });

  it('a stream is read from the oldest entry, or from after any given entry', async () => {
    const stream = newKey();
    const ids: string[] = [];
    for (const n of [1, 2, 3, 4]) ids.push(await store.append(stream, { n }, { keep: 100, ttlSeconds: 60 }));

    const all = ids.map((id, index) => ({ id, value: { n: index + 1 } }));
    expect(await store.readStream(stream, null, 100)).toEqual(all);
    expect(await store.readStream(stream, null, 2)).toEqual(all.slice(0, 2));
    expect(await store.readStream(stream, ids[1]!, 1)).toEqual(all.slice(2, 3));
    expect(await store.readStream(stream, ids[3]!, 100)).toEqual([]);
    expect(await store.readStream(newKey(), null, 100)).toEqual([]);
  });

  it('a stream is read from the oldest entry where the cursor is invalid, as a browser may send it', async () => {
    const stream = newKey();
    await store.append(stream, 'kept', { keep: 10, ttlSeconds: 60 });
    for (const place of ['', 'x', '-1', '1; DROP', '9'.repeat(40)]) {
      expect(await store.readStream(stream, place, 10)).toMatchObject([{ value: 'kept' }]);
    }
  });

  it('a stream keeps about the newest entries and drops the old ones', async () => {
    const stream = newKey();
    for (let n = 1; n <= 400; n++) await store.append(stream, n, { keep: 20, ttlSeconds: 60 });
    const values = (await store.readStream(stream, null, 1_000)).map(({ value }) => value as number);
    expect(values.length).toBeGreaterThanOrEqual(20);
    expect(values.length).toBeLessThan(200);
    expect(values).toEqual(Array.from({ length: values.length }, (_, n) => 400 - values.length + n + 1));
  });

  it('a stream expires after its last append, and an old cursor still reads the new stream', async () => {
    const stream = newKey();
    await store.append(stream, 'old', { keep: 10, ttlSeconds: 5 });
    const place = await store.append(stream, 'old', { keep: 10, ttlSeconds: 60 });
    await letPass(stream, 60);
    expect(await store.readStream(stream, null, 10)).toEqual([]);
    await store.append(stream, 'new', { keep: 10, ttlSeconds: 60 });
    expect(await store.readStream(stream, null, 10)).toMatchObject([{ value: 'new' }]);
    expect(await store.readStream(stream, place, 10)).toMatchObject([{ value: 'new' }]);
  });

  const anyone = { key: '{test}:no-fence', below: 1 };

  it('the fields of a key are returned, all of them or only the requested ones', async () => {
    const [key, other] = [newKey(), newKey()];
    const set = { a: { deep: ['Zoë', null] }, b: 2, 'c:\n': 'three' };
    expect(await store.changeFields([{ key, set, unset: [] }], anyone, 60)).toBe(true);
    expect(await store.getFields(key)).toEqual(set);
    expect(await store.getFields(key, ['b', 'absent', 'a'])).toEqual({ a: set.a, b: 2 });
    expect(await store.getFields(key, [])).toEqual({});
    expect(await store.getFields(other)).toEqual({});
    expect(await store.getFields(other, ['a'])).toEqual({});
  });

  it('a change sets and unsets fields of several keys and leaves the other fields as they are', async () => {
    const [one, two] = [newKey(), newKey()];
    const first = { key: one, set: { a: 1, b: 1 }, unset: [] };
    await store.changeFields([first, { key: two, set: { a: 1 }, unset: [] }], anyone, 60);
    const second = { key: one, set: { b: 2, c: 2 }, unset: ['a', 'absent'] };
    await store.changeFields([second, { key: two, set: {}, unset: ['a'] }], anyone, 60);
    expect(await store.getFields(one)).toEqual({ b: 2, c: 2 });
    expect(await store.getFields(two)).toEqual({});
  });

  it('no field is lost when fifty callers set one field each', async () => {
    const key = newKey();
    await fifty(async (n) => await store.changeFields([{ key, set: { [n]: n }, unset: [] }], anyone, 60));
    expect(Object.keys(await store.getFields(key))).toHaveLength(50);
  });

  it('a change at or below the fence is refused as a whole, and one above it is accepted', async () => {
    const [key, other, fence] = [newKey(), newKey(), newKey()];
    const change = async (n: number) => {
      const set = { n };
      const both = [key, other].map((each) => ({ key: each, set, unset: [] }));
      return await store.changeFields(both, { key: fence, below: n }, 60);
    };
    expect(await change(1)).toBe(true);
    await store.put(fence, 10, 60);
    expect([await change(9), await change(10)]).toEqual([false, false]);
    expect([await store.getFields(key), await store.getFields(other)]).toEqual([{ n: 1 }, { n: 1 }]);
    expect(await change(11)).toBe(true);
    expect([await store.getFields(key), await store.getFields(other)]).toEqual([{ n: 11 }, { n: 11 }]);
  });

  it('the fields of a key expire together after the last change, and are deleted together', async () => {
    const [over, deleted] = [newKey(), newKey()];
    await store.changeFields([{ key: over, set: { a: 1 }, unset: [] }], anyone, 5);
    await store.changeFields([{ key: over, set: { b: 1 }, unset: [] }], anyone, 60);
    await letPass(over, 60);
    expect(await store.getFields(over)).toEqual({});
    expect(await store.getFields(over, ['a'])).toEqual({});
    await store.changeFields([{ key: over, set: { c: 1 }, unset: [] }], anyone, 60);
    expect(await store.getFields(over)).toEqual({ c: 1 });

    await store.changeFields([{ key: deleted, set: { a: 1 }, unset: [] }], anyone, 60);
    await store.delete(deleted);
    expect(await store.getFields(deleted)).toEqual({});
  });
}
