import { describe, expect, test } from 'vitest';
import { KeyRing, KeyRingError } from '../../../platform/key-ring.ts';

const old = KeyRing.generate('old');
const fresh = KeyRing.generate('new');

test('a sealed value can still be opened after a new key was put in front of its key', () => {
  const sealed = KeyRing.parse(old).seal('envelope', 'a reply', 'con_1');
  expect(KeyRing.parse(`${fresh},${old}`).open('envelope', sealed, 'con_1').toString()).toBe('a reply');
});

test('a ring without the key of a sealed value reports the id of that key', () => {
  const sealed = KeyRing.parse(old).seal('envelope', 'a reply', 'con_1');
  expect(() => KeyRing.parse(fresh).open('envelope', sealed, 'con_1')).toThrow(/no key "old"/);
});

test.each([
  ['another purpose', 'oauth-state', 'con_1'],
  ['another context', 'envelope', 'con_2'],
] as const)('a sealed value is not opened for %s', (_what, purpose, context) => {
  const ring = KeyRing.parse(old);
  expect(() => ring.open(purpose, ring.seal('envelope', 'a reply', 'con_1'), context)).toThrow(KeyRingError);
});

test('a sealed value with any changed byte is refused', () => {
  const ring = KeyRing.parse(old);
  const { keyId, bytes } = ring.sealBytes('payload', 'a payload', 'ns/con_1');
  for (let index = 0; index < bytes.length; index++) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => ring.openBytes('payload', keyId, changed, 'ns/con_1')).toThrow(KeyRingError);
  }
});

test('a sealed value with a shortened authentication tag is refused', () => {
  const ring = KeyRing.parse(old);
  const { keyId, bytes } = ring.sealBytes('payload', '', '');
  expect(() => ring.openBytes('payload', keyId, bytes.subarray(0, 20), '')).toThrow(KeyRingError);
});

test('sealing one value twice gives different results', () => {
  const ring = KeyRing.parse(old);
  expect(ring.seal('envelope', 'x', 'c')).not.toBe(ring.seal('envelope', 'x', 'c'));
});

test.each([
  ['no key at all', '', /empty/],
  ['a key of the wrong length', `k1:${Buffer.alloc(16).toString('base64')}`, /Key 1/],
  ['a key without an id', Buffer.alloc(32).toString('base64'), /Key 1/],
  ['one id twice', `${old},${old}`, /twice/],
])('a key ring with %s is refused with a sentence that does not quote the key', (_what, text, sentence) => {
  expect(() => KeyRing.parse(text)).toThrow(sentence);
  const secret = text.split(':').at(-1) ?? '';
  try {
    KeyRing.parse(text);
  } catch (error) {
    if (secret !== '') expect(String(error)).not.toContain(secret);
  }
});

test('a digest is recognised with every key of the ring, but not for another text', () => {
  const digest = KeyRing.parse(old).digest('invitation', 'con_1|1|4711');
  const rotated = KeyRing.parse(`${fresh},${old}`);
  expect(rotated.matches('invitation', 'con_1|1|4711', digest)).toBe(true);
  expect(rotated.matches('invitation', 'con_1|1|4712', digest)).toBe(false);
  expect(KeyRing.parse(fresh).matches('invitation', 'con_1|1|4711', digest)).toBe(false);
});

test('during a rotation, the digests of a process include those of processes one step before or after it', () => {
  const [behind, infront] = [KeyRing.parse(`${old},${fresh}`), KeyRing.parse(`${fresh},${old}`)];
  expect(behind.digests('oauth-state', 'x')).toContain(infront.digest('oauth-state', 'x'));
  expect(infront.digests('oauth-state', 'x')).toContain(behind.digest('oauth-state', 'x'));
  expect(infront.digests('oauth-state', 'x')[0]).toBe(infront.digest('oauth-state', 'x'));
});

describe('a retired key', () => {
  const before = KeyRing.parse(old);
  const ring = KeyRing.parse(fresh, old);

  test.each(['invitation', 'browser'] as const)('a retired key still verifies what customers hold: %s', (purpose) => {
    expect(ring.matches(purpose, 'con_1', before.digest(purpose, 'con_1'))).toBe(true);
    expect(ring.matches(purpose, 'con_2', before.digest(purpose, 'con_1'))).toBe(false);
    expect(ring.verifyingKey(purpose, 'old')).toEqual(before.verifyingKey(purpose, 'old'));
  });

  test.each(['payload', 'envelope', 'oauth-state', 'cursor', 'embedded-store', 'ephemeral-store'] as const)(
    'a retired key neither verifies nor opens anything else: %s',
    (purpose) => {
      expect(ring.matches(purpose, 'con_1', before.digest(purpose, 'con_1'))).toBe(false);
      expect(ring.verifyingKey(purpose, 'old')).toBeUndefined();
      expect(() => ring.open(purpose, before.seal(purpose, 'x', 'c'), 'c')).toThrow(/no key "old"/);
    },
  );

  test('a retired key never seals, signs or makes a digest', () => {
    expect(ring.seal('invitation', 'x', 'c')).toMatch(/^new\./);
    expect(ring.signingKey('invitation').keyId).toBe('new');
    expect(ring.digests('invitation', 'x')).toEqual([KeyRing.parse(fresh).digest('invitation', 'x')]);
    expect(ring.keyIds).toEqual(['new']);
    expect(Object.keys(ring.checkValues())).toEqual(['new']);
  });

  test('a retired key is refused where it is also in use, is invalid, or is the only key', () => {
    expect(() => KeyRing.parse(`${fresh},${old}`, old)).toThrow(/twice/);
    expect(() => KeyRing.parse(fresh, 'old:short')).toThrow(/Key 1/);
    expect(() => KeyRing.parse('', old)).toThrow(/empty/);
  });
});

test.each([
  ['a key that the ring does not have', 'unknown_key', KeyRing.parse(fresh)],
  ['another key under the same id', 'unopenable', KeyRing.parse(KeyRing.generate('old'))],
] as const)('an error on opening says whether the key is missing or does not fit: %s', (_what, code, ring) => {
  const sealed = KeyRing.parse(old).seal('envelope', 'x', 'c');
  expect(() => ring.open('envelope', sealed, 'c')).toThrow(expect.objectContaining({ code }) as Error);
});

test('check values distinguish equal keys from different ones and do not contain the key', () => {
  const one = KeyRing.parse(old).checkValues();
  expect(KeyRing.parse(old).checkValues()).toEqual(one);
  expect(KeyRing.parse(KeyRing.generate('old')).checkValues()).not.toEqual(one);
  expect(JSON.stringify(one)).not.toContain(old.split(':')[1]);
});

test.each([
  ['one byte again and again', Buffer.alloc(32)],
  ['bytes that count up', Buffer.from(Array.from({ length: 32 }, (_, index) => index))],
  ['bytes that count up and start again', Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 40) % 256))],
  ['text', Buffer.from('correct horse battery staple! 42')],
  ['a short value that is repeated', Buffer.from('0fA9Zq'.repeat(6).slice(0, 32))],
])('a key of %s is known to be weak', (_what, bytes) => {
  const ring = KeyRing.parse(`${fresh},typed:${bytes.toString('base64')}`);
  expect(ring.weakKeyIds).toEqual(['typed']);
  expect(KeyRing.parse(fresh, `typed:${bytes.toString('base64')}`).weakKeyIds).toEqual(['typed']);
});

test('no generated key is taken for a weak one', () => {
  const keys = Array.from({ length: 2_000 }, (_, index) => KeyRing.generate(`k${index}`));
  expect(KeyRing.parse(keys.join(',')).weakKeyIds).toEqual([]);
});
