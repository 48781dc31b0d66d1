import { describe, expect, it } from 'vitest';

import { iso } from '../../../contracts/time.ts';
import { systemClock } from '../../../platform/clock.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { Secret } from '../../../platform/secret.ts';
import { checkKeyRing, createKeyLookup, KeyRingMismatch, releaseKey } from '../../../stores/key-check.ts';
import type { SecretStore } from '../../../stores/secrets/port.ts';
import { openEmbeddedSecrets } from './embedded-secrets.ts';

const [k1, k2, k3] = ['k1', 'k2', 'k3'].map((id) => KeyRing.generate(id)) as [string, string, string];
const ring = (...keys: string[]) => KeyRing.parse(keys.join(','));
const check = (...keys: string[]) => ring(...keys).checkValues();
const now = 1_790_000_000_000;
const since = iso(now);
const clock = { now: () => now };

const workerWith = async (secrets: SecretStore, ...keys: string[]) =>
  await checkKeyRing({ secrets, keyRing: ring(...keys), mayWrite: true, clock });
const apiWith = async (secrets: SecretStore, ...keys: string[]) =>
  await checkKeyRing({ secrets, keyRing: ring(...keys), mayWrite: false, clock });
const apiWithRetired = async (secrets: SecretStore, keys: string, retired: string) =>
  await checkKeyRing({ secrets, keyRing: KeyRing.parse(keys, retired), mayWrite: false, clock });
const stored = async (secrets: SecretStore) => (await secrets.read('config', 'key-check'))?.data.reveal();

/** A store at which workers with these rings have started, one after the other. */
async function after(...rings: string[][]): Promise<SecretStore> {
  const secrets = openEmbeddedSecrets(systemClock);
  for (const keys of rings) expect(await workerWith(secrets, ...keys)).toBe('proven');
  return secrets;
}

describe('the key check', () => {
  it('a key ring is unproven for an API that starts first, and proven after a worker with the same ring', async () => {
    const secrets = openEmbeddedSecrets(systemClock);
    expect(await apiWith(secrets, k1)).toBe('unproven');
    expect(await stored(secrets)).toBeUndefined();
    expect(await workerWith(secrets, k1)).toBe('proven');
    expect(await apiWith(secrets, k1)).toBe('proven');
    expect(await stored(secrets)).toEqual({ keys: check(k1), needed: { k1: since }, retired: {} });
  });

  it('the key check refuses another key under the same ID, and names only the ID', async () => {
    const secrets = await after([k1, k2]);
    const other = KeyRing.generate('k2');
    for (const refused of [
      workerWith(secrets, k1, other),
      apiWith(secrets, k1, other),
      apiWithRetired(secrets, k1, other),
    ]) {
      const error: unknown = await refused.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(KeyRingMismatch);
      const { message } = error as KeyRingMismatch;
      expect(message).toContain('"k2"');
      expect(message).not.toContain('"k1"');
      const values = [check(k1, k2), check(other)].flatMap((checks) => Object.values(checks));
      const keys = [k1, k2, other].map((key) => key.slice(3));
      for (const value of [...values, ...keys]) expect(message).not.toContain(value);
    }
  });

  it('the key check refuses a ring with no key in common, and changes nothing', async () => {
    const secrets = await after([k1]);
    const before = await stored(secrets);
    await expect(workerWith(secrets, k2)).rejects.toThrow(KeyRingMismatch);
    await expect(apiWith(secrets, k2)).rejects.toThrow(/"k2".*"k1".*no key in common/);
    expect(await stored(secrets)).toEqual(before);
  });

  it('the keys of workers that start together are all kept, but only one of two keys under the same ID', async () => {
    const secrets = await after([k1]);
    await Promise.all([workerWith(secrets, k1), workerWith(secrets, k1, k2), workerWith(secrets, k1, k3)]);
    expect(await stored(secrets)).toEqual({ keys: check(k1, k2, k3), needed: { k1: since }, retired: {} });

    const empty = openEmbeddedSecrets(systemClock);
    const results = await Promise.allSettled([workerWith(empty, k1), workerWith(empty, KeyRing.generate('k1'))]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('the key check refuses a stored document that is not valid', async () => {
    const secrets = openEmbeddedSecrets(systemClock);
    await secrets.write('config', 'key-check', new Secret({ keys: 'all of them' }));
    await expect(workerWith(secrets, k1)).rejects.toThrow(KeyRingMismatch);
  });
});

describe('the key check in a rotation', () => {
  it('processes at two neighbouring steps of a rotation can start side by side, in every step', async () => {
    const secrets = await after([k1]);
    // Step 1: the new key stands behind. Nothing is sealed with it, so a process without it may still start.
    for (const keys of [[k1, k2], [k1]]) {
      expect(await workerWith(secrets, ...keys)).toBe('proven');
      expect(await apiWith(secrets, ...keys)).toBe('proven');
    }
    // Step 2: the new key stands in front.
    for (const keys of [
      [k2, k1],
      [k1, k2],
    ]) {
      expect(await workerWith(secrets, ...keys)).toBe('proven');
      expect(await apiWith(secrets, ...keys)).toBe('proven');
    }
    // Step 3: the old key is retired.
    await releaseKey(secrets, 'k1');
    expect(await workerWith(secrets, k2, k1)).toBe('proven');
    expect(await workerWith(secrets, k2)).toBe('proven');
    expect(await apiWithRetired(secrets, k2, k1)).toBe('proven');
    expect(await apiWith(secrets, k2)).toBe('proven');
    expect(await stored(secrets)).toEqual({ keys: check(k2), needed: { k2: since }, retired: check(k1) });
  });

  it('the key check refuses a ring that lacks a key still in use, and says how to retire that key', async () => {
    const secrets = await after([k1], [k1, k2], [k2, k1]);
    for (const refused of [workerWith(secrets, k2), apiWith(secrets, k2), apiWithRetired(secrets, k2, k1)]) {
      await expect(refused).rejects.toThrow(/lacks "k1".*Put it back.*npm run key -- retire k1/);
    }
    // A worker that skipped step 1 and restarts in step 2.
    await expect(workerWith(secrets, k1)).rejects.toThrow(/lacks "k2"/);
  });

  it('the key check refuses a new key in front that no worker has had behind another', async () => {
    const secrets = await after([k1]);
    const before = await stored(secrets);
    await expect(workerWith(secrets, k2, k1)).rejects.toThrow(/"k2" stands first.*behind the old key first/);
    await expect(apiWith(secrets, k2, k1)).rejects.toThrow(/"k2" stands first/);
    expect(await stored(secrets)).toEqual(before);
  });

  it('an API waits until a worker has the new key in front, so that no value is sealed with an unmarked key', async () => {
    const secrets = await after([k1], [k1, k2]);
    expect(await apiWith(secrets, k2, k1)).toBe('unproven');
    await workerWith(secrets, k2, k1);
    expect(await apiWith(secrets, k2, k1)).toBe('proven');
  });

  it('a retired key is refused in front, and is not used again where it stands behind', async () => {
    const secrets = await after([k1], [k1, k2], [k2, k1]);
    await releaseKey(secrets, 'k1');
    await expect(workerWith(secrets, k1, k2)).rejects.toThrow(/"k1" stands first.*was retired.*Put one of "k2" first/);
    await workerWith(secrets, k2, k1);
    expect(await stored(secrets)).toEqual({ keys: check(k2), needed: { k2: since }, retired: check(k1) });
  });

  it('the key check refuses the ID of a retired key for a new key', async () => {
    const secrets = await after([k1], [k1, k2], [k2, k1]);
    await releaseKey(secrets, 'k1');
    await expect(workerWith(secrets, k2, KeyRing.generate('k1'))).rejects.toThrow(/another value for "k1"/);
  });

  it.each([
    ['is from before marks were kept', { keys: check(k1, k2, k3) }],
    ['was destroyed', undefined],
  ])('every key of the first worker counts as needed where the stored document %s', async (_what, document) => {
    const secrets = openEmbeddedSecrets(systemClock);
    if (document) await secrets.write('config', 'key-check', new Secret(document));
    expect(await workerWith(secrets, k2, k1)).toBe('proven');
    expect(await stored(secrets)).toMatchObject({ needed: { k1: since, k2: since }, retired: {} });
    await expect(workerWith(secrets, k2)).rejects.toThrow(/lacks "k1"/);
  });

  it('a key is released once, and releasing an unknown key changes nothing', async () => {
    const secrets = await after([k1], [k1, k2], [k2, k1]);
    await Promise.all([releaseKey(secrets, 'k1'), releaseKey(secrets, 'k1'), releaseKey(secrets, 'k9')]);
    expect(await stored(secrets)).toEqual({ keys: check(k2), needed: { k2: since }, retired: check(k1) });
  });
});

it('the key lookup of the codec knows every key that a worker had, also retired ones, and no other', async () => {
  const secrets = openEmbeddedSecrets(systemClock);
  const isKnownKey = createKeyLookup(secrets);
  expect(await isKnownKey('k1')).toBe(false);
  for (const keys of [[k1], [k1, k2], [k2, k1]]) await workerWith(secrets, ...keys);
  await releaseKey(secrets, 'k1');
  expect(await Promise.all(['k1', 'k2', 'made-up', '__proto__', ''].map(isKnownKey))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
