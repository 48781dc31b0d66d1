import { describe, expect, it } from 'vitest';
import { createKeyIds } from '../../../api/http/plugins/key-ids.ts';
import { createKnownKeys } from '../../../api/http/plugins/known-keys.ts';
import { Secret } from '../../../platform/secret.ts';
import { createApiKeys, type NewApiKey } from '../../../stores/api-keys.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { openEmbeddedSecrets } from '../stores/embedded-secrets.ts';

const input: NewApiKey = { tenant: 'acme', scopes: ['admin'], name: 'ci', expiresAt: null };
const unknownKey = (n: number): Secret<string> =>
  new Secret(`mrg_${n.toString(16).padStart(16, '0')}_${'A'.repeat(43)}`);

/** An API process, and the calls that it makes to the store. */
function setUp() {
  const clock = createManualClock();
  const store = createApiKeys({ secrets: openEmbeddedSecrets(clock), clock });
  const asked = { reads: 0, lists: 0 };
  const known = createKnownKeys({
    clock,
    apiKeys: {
      async read(id) {
        asked.reads += 1;
        return await store.read(id);
      },
      async ids() {
        asked.lists += 1;
        return await store.ids();
      },
    },
  });
  const kind = async (key: Secret<string>, address = '192.0.2.1') => (await known.verify(key, address)).kind;
  return { clock, store, asked, known, kind };
}

describe('API keys that a process has verified', () => {
  it('a good API key is read from the store once in 30 seconds, however often it is sent', async () => {
    const { clock, store, asked, kind } = setUp();
    const { key } = await store.create(input);
    const sendTwenty = async () => await Promise.all(Array.from({ length: 20 }, async () => await kind(key)));
    expect(new Set([...(await sendTwenty()), ...(await sendTwenty())])).toEqual(new Set(['good']));
    expect(asked).toEqual({ reads: 1, lists: 0 });
    clock.advance(30);
    await sendTwenty();
    expect(asked.reads).toBe(2);
  });

  it('an API key that was revoked by another program is refused after 30 seconds at the latest', async () => {
    const { clock, store, kind } = setUp();
    const { key, apiKey } = await store.create(input);
    expect(await kind(key)).toBe('good');
    await store.revoke(apiKey.id);
    clock.advance(29);
    expect(await kind(key)).toBe('good');
    clock.advance(1);
    expect(await kind(key)).toBe('unknown');
  });

  it('a forgotten API key is read again at once, even if it was being read at that moment', async () => {
    const { store, asked, known, kind } = setUp();
    const { key, apiKey } = await store.create(input);
    const reading = kind(key);
    known.forget(apiKey.id);
    expect(await reading).toBe('good');
    await store.revoke(apiKey.id);
    expect(await kind(key)).toBe('unknown');
    expect(asked.reads).toBe(2);
  });

  it('an API key is refused from the moment at which it expires, although it is remembered', async () => {
    const { clock, store, kind } = setUp();
    const { key } = await store.create({ ...input, expiresAt: '2026-11-23T08:00:05.000Z' });
    clock.advance(4);
    expect(await kind(key)).toBe('good');
    clock.advance(1);
    expect(await kind(key)).toBe('wrong');
  });

  it('an API key with a list of addresses is good from those, and from no others', async () => {
    const { store, kind } = setUp();
    const { key } = await store.create({ ...input, allowedAddresses: ['192.0.2.0/24', '2001:db8::/32'] });
    expect(await kind(key, '192.0.2.200')).toBe('good');
    expect(await kind(key, '2001:db8::1')).toBe('good');
    expect(await kind(key, '203.0.113.9')).toBe('elsewhere');
    expect(await kind(key, 'unknown')).toBe('elsewhere');
  });
});

describe('guessed API keys', () => {
  it('a hundred wrong secrets for a known ID cost the store one read', async () => {
    const { store, asked, kind } = setUp();
    const { apiKey } = await store.create(input);
    for (let n = 0; n < 100; n += 1) {
      const guess = new Secret(`mrg_${apiKey.id}_${String(n).padEnd(43, 'A')}`);
      expect(await kind(guess)).toBe('wrong');
    }
    expect(asked).toEqual({ reads: 1, lists: 0 });
  });

  it('an unknown ID that is sent again and again is looked up once in 30 seconds', async () => {
    const { clock, asked, kind } = setUp();
    for (let n = 0; n < 50; n += 1) expect(await kind(unknownKey(1))).toBe('unknown');
    expect(asked).toEqual({ reads: 1, lists: 0 });
    clock.advance(30);
    await kind(unknownKey(1));
    expect(asked.reads).toBe(2);
  });

  it('a thousand guessed IDs cost the store thirty reads and two lists, and malformed keys nothing', async () => {
    const { asked, kind } = setUp();
    const kinds = await Promise.all(Array.from({ length: 1_000 }, async (_none, n) => await kind(unknownKey(n))));
    expect(new Set(kinds)).toEqual(new Set(['unknown']));
    expect(asked.reads).toBe(30);
    expect(asked.lists).toBeLessThanOrEqual(2);
    for (const text of ['', 'mrg_', 'nonsense']) expect(await kind(new Secret(text))).toBe('unknown');
    expect(asked.reads).toBe(30);
  });

  it('a good API key is accepted while thousands are guessed, also one that was made just now', async () => {
    const { store, kind } = setUp();
    const before = await store.create(input);
    const guessing = Promise.all(Array.from({ length: 2_000 }, async (_none, n) => await kind(unknownKey(n))));
    expect(await kind(before.key)).toBe('good');
    const { key } = await store.create(input);
    const more = Promise.all(Array.from({ length: 100 }, async (_none, n) => await kind(unknownKey(5_000 + n))));
    expect(await kind(key)).toBe('good');
    expect(new Set([...(await guessing), ...(await more)])).toEqual(new Set(['unknown']));
  });
});

describe('the ids of all API keys', () => {
  /** Lists and pauses that end when the test says so. */
  function scripted() {
    const clock = createManualClock();
    const lists: ((ids: readonly string[]) => void)[] = [];
    const pauses: { readonly milliseconds: number; readonly end: () => void }[] = [];
    const ids = createKeyIds({
      clock,
      list: () => new Promise((resolve) => lists.push(resolve)),
      wait: (milliseconds) => new Promise<void>((resolve) => pauses.push({ milliseconds, end: resolve })),
    });
    /** Lets all that can go on go on. */
    const settle = async () => await new Promise((resolve) => setImmediate(resolve));
    return { clock, ids, lists, pauses, settle };
  }

  it('a question that comes during a list is answered by the next list, which has what was made meanwhile', async () => {
    const { ids, lists, pauses, settle } = scripted();
    const first = ids.has('a');
    await settle();
    const second = [ids.has('b'), ids.has('c')];
    lists[0]?.(['a']);
    expect(await first).toBe(true);
    await settle();
    expect(lists).toHaveLength(1);
    pauses[0]?.end();
    await settle();
    expect(lists).toHaveLength(2);
    lists[1]?.(['a', 'b']);
    expect(await Promise.all(second)).toEqual([true, false]);
  });

  it('lists take at most a tenth of the time: a slow one is followed by a long pause', async () => {
    const { clock, ids, lists, pauses, settle } = scripted();
    const first = ids.has('a');
    await settle();
    clock.advance(2);
    lists[0]?.([]);
    await first;
    void ids.has('b');
    await settle();
    expect(pauses.map(({ milliseconds }) => milliseconds)).toEqual([18_000]);
  });

  it('after a list that failed the next one is tried', async () => {
    const clock = createManualClock();
    let fails = true;
    const ids = createKeyIds({
      clock,
      list: async () => (fails ? await Promise.reject(new Error('sealed')) : ['a']),
      wait: async () => undefined,
    });
    await expect(ids.has('a')).rejects.toThrow('sealed');
    fails = false;
    expect(await ids.has('a')).toBe(true);
  });
});
