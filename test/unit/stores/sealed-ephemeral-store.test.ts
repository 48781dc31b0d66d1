import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Json } from '../../../platform/json.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createLogger } from '../../../platform/logger.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';
import { createSealedEphemeralStore } from '../../../stores/ephemeral/sealed.ts';
import { createSqliteEphemeralStore } from '../../../stores/ephemeral/sqlite.ts';
import { createManualClock } from '../../contract/manual-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const DAY_SECONDS = 86_400;
const fence = { key: 'fence', below: 1 };
const stream = { keep: 10, ttlSeconds: 60 };

/** A sealed store, and `raw`: what a program with access to the server reads and writes. */
function openStore() {
  const clock = createManualClock();
  const own = KeyRing.parse(KeyRing.generate());
  const raw = createSqliteEphemeralStore({ path: join(temporaryFolder(), 'raw.db'), keyRing: own, clock });
  onTestFinished(async () => await raw.close());
  const lines: string[] = [];
  const logger = createLogger('test', 'warn', { write: (line) => void lines.push(line) });
  const keys = KeyRing.generate('k1');
  const sealedBy = (ring: string): EphemeralStore =>
    createSealedEphemeralStore({ store: raw, keyRing: KeyRing.parse(ring), clock, logger });
  return { raw, clock, lines, keys, sealedBy, store: sealedBy(keys) };
}

test.each<[string, Json]>([
  ['text', 'own'],
  ['an object', { accountId: '111122223333' }],
  ['a list', ['con_a']],
])('%s that another program wrote under a key is not returned', async (_what, value) => {
  const { raw, store } = openStore();
  await raw.put('provider-report:aws:aws', value, 60);
  expect(await store.get('provider-report:aws:aws')).toBeUndefined();
  expect(await store.take('provider-report:aws:aws')).toBeUndefined();
});

test('a value, a field and an entry that another program wrote are left out, and reported once for each kind of key', async () => {
  const { raw, store, lines } = openStore();
  for (const id of ['con_a', 'con_b']) await raw.put(`facts:${id}`, { generation: 9 }, 60);
  await raw.append('events:acme', { connection: 'con_a' }, stream);
  await store.append('events:acme', { connection: 'con_b' }, stream);
  await raw.changeFields([{ key: 'inventory:{con_a}', set: { pass: { epoch: 9 } }, unset: [] }], fence, 60);

  expect([await store.get('facts:con_a'), await store.get('facts:con_b')]).toEqual([undefined, undefined]);
  const values = (await store.readStream('events:acme', null, 10)).map(({ value }) => value);
  expect(values).toEqual([null, { connection: 'con_b' }]);
  expect(await store.getFields('inventory:{con_a}')).toEqual({});
  const keys = lines.map((line) => (JSON.parse(line) as { keys: string }).keys);
  expect(keys).toEqual(['facts', 'events', 'inventory']);
  expect(lines.join('')).not.toContain('con_a');
});

test('a sealed value is not returned under another key, in another field or in another stream', async () => {
  const { raw, store } = openStore();
  await store.put('provider-report:aws:aws', { accountId: '1' }, 60);
  await raw.put('provider-report:aws:aws-cn', (await raw.get('provider-report:aws:aws')) ?? null, 60);
  expect(await store.get('provider-report:aws:aws-cn')).toBeUndefined();

  await store.changeFields([{ key: 'rows:a', set: { one: 1, two: 2 }, unset: [] }], fence, 60);
  const { one = null } = await raw.getFields('rows:a');
  const moved = ['rows:a', 'rows:b'].map((key) => ({ key, set: { two: one }, unset: [] }));
  await raw.changeFields(moved, fence, 60);
  expect(await store.getFields('rows:a')).toEqual({ one: 1 });
  expect(await store.getFields('rows:b')).toEqual({});

  await store.append('events:acme', 'news', stream);
  await raw.append('events:other', (await raw.readStream('events:acme', null, 1))[0]?.value ?? null, stream);
  expect(await store.readStream('events:other', null, 10)).toMatchObject([{ value: null }]);
});

test('a value that is put back after its lifetime is not returned', async () => {
  const { raw, store, clock } = openStore();
  await store.put('oauth-state:x', { open: true }, 600);
  const kept = (await raw.get('oauth-state:x')) ?? null;
  clock.advance(599);
  await raw.put('oauth-state:x', kept, DAY_SECONDS);
  expect(await store.get('oauth-state:x')).toEqual({ open: true });
  clock.advance(62);
  expect(await store.get('oauth-state:x')).toBeUndefined();
  expect(await store.take('oauth-state:x')).toBeUndefined();
});

test('a value of another key ring is not returned, and one of an older key of the ring is', async () => {
  const { store, keys, sealedBy } = openStore();
  await store.put('a', { n: 1 }, 60);
  expect(await sealedBy(KeyRing.generate('k1')).get('a')).toBeUndefined();
  expect(await sealedBy(KeyRing.generate('k2')).get('a')).toBeUndefined();
  expect(await sealedBy(`${KeyRing.generate('k2')},${keys}`).get('a')).toEqual({ n: 1 });
});

test('nothing but numbers and booleans is in clear on the server', async () => {
  const { raw, store } = openStore();
  await store.put('value', { canary: 'canary' }, 60);
  await store.putIfAbsent('absent', 'canary', 60);
  await store.append('stream', ['canary'], stream);
  await store.changeFields([{ key: 'fields', set: { a: 'canary', b: 7 }, unset: [] }], fence, 60);
  const seen = [
    await raw.get('value'),
    await raw.get('absent'),
    ...(await raw.readStream('stream', null, 10)).map(({ value }) => value),
    ...Object.values(await raw.getFields('fields')),
  ];
  expect(seen).toHaveLength(5);
  for (const value of seen) expect(value).toMatch(/^k1\.[\w-]{38,}$/);
});
