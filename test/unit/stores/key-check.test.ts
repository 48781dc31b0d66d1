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
  it('is unproven for an API that comes first, and proven once a worker with the same ring was there', async () => {
    const secrets = openEmbeddedSecrets(systemClock);
    expect(await apiWith(secrets, k1)).toBe('unproven');
    expect(await stored(secrets)).toBeUndefined();
    expect(await workerWith(secrets, k1)).toBe('proven');
    expect(await apiWith(secrets, k1)).toBe('proven');
    expect(await stored(secrets)).toEqual({ keys: check(k1), needed: { k1: since }, retired: {} });
  });

  it('refuses another key under the same id, and names the id alone', async () => {
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

  it('refuses a ring with no key in common, and changes nothing', async () => {
    const secrets = await after([k1]);
    const before = await stored(secrets);
    await expect(workerWith(secrets, k2)).rejects.toThrow(KeyRingMismatch);
    await expect(apiWith(secrets, k2)).rejects.toThrow(/"k2".*"k1".*no key in common/);
    expect(await stored(secrets)).toEqual(before);
  });

  it('keeps the keys of all workers that start at once, and admits only one of two that differ', async () => {
    const secrets = await after([k1]);
    await Promise.all([workerWith(secrets, k1), workerWith(secrets, k1, k2), workerWith(secrets, k1, k3)]);
    expect(await stored(secrets)).toEqual({ keys: check(k1, k2, k3), needed: { k1: since }, retired: {} });

    const empty = openEmbeddedSecrets(systemClock);
    const results = await Promise.allSettled([workerWith(empty, k1), workerWith(empty, KeyRing.generate('k1'))]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('refuses a document that is none of its own', async () => {
    const secrets = openEmbeddedSecrets(systemClock);
    await secrets.write('config', 'key-check', new Secret({ keys: 'all of them' }));
    await expect(workerWith(secrets, k1)).rejects.toThrow(KeyRingMismatch);
  });
});

describe('the key check in a rotation', () => {
  it('lets processes at two neighbouring steps start side by side, in every step', async () => {
    const secrets = await after([k1]);
    // Step 1: behind. Nothing is sealed with it, so a process without it may still start.
    for (const keys of [[k1, k2], [k1]]) {
      expect(await workerWith(secrets, ...keys)).toBe('proven');
      expect(await apiWith(secrets, ...keys)).toBe('proven');
    }
    // Step 2: in front.
    for (const keys of [
      [k2, k1],
      [k1, k2],
    ]) {
      expect(await workerWith(secrets, ...keys)).toBe('proven');
      expect(await apiWith(secrets, ...keys)).toBe('proven');
    }
    // Step 3: the old one retired.
    await releaseKey(secrets, 'k1');
    expect(await workerWith(secrets, k2, k1)).toBe('proven');
    expect(await workerWith(secrets, k2)).toBe('proven');
    expect(await apiWithRetired(secrets, k2, k1)).toBe('proven');
    expect(await apiWith(secrets, k2)).toBe('proven');
    expect(await stored(secrets)).toEqual({ keys: check(k2), needed: { k2: since }, retired: check(k1) });
  });

  it('refuses to start without a key that values are sealed with, and says how to let it go', async () => {
    const secrets = await after([k1], [k1, k2], [k2, k1]);
    for (const refused of [workerWith(secrets, k2), apiWith(secrets, k2), apiWithRetired(secrets, k2, k1)]) {
      await expect(refused).rejects.toThrow(/lacks "k1".*Put it back.*npm run key -- retire k1/);
    }
    // Skipped in step 1, restarted in step 2.
    await expect(workerWith(secrets, k1)).rejects.toThrow(/lacks "k2"/);
  });

  it('refuses a new key in front that no worker has had behind another', async () => {
    const secrets = await after([k1]);
    const before = await stored(secrets);
    await expect(workerWith(secrets, k2, k1)).rejects.toThrow(/"k2" stands first.*behind the old key first/);
    await expect(apiWith(secrets, k2, k1)).rejects.toThrow(/"k2" stands first/);
    expect(await stored(secrets)).toEqual(before);
  });

  it('has an API wait until a worker has the new key in front: no value is sealed with a key that is not marked', async () => {
    const secrets = await after([k1], [k1, k2]);
    expect(await apiWith(secrets, k2, k1)).toBe('unproven');
    await workerWith(secrets, k2, k1);
    expect(await apiWith(secrets, k2, k1)).toBe('proven');
  });

  it('refuses a retired key in front, and never takes it up again from behind', async () => {
    const secrets = await after([k1], [k1, k2], [k2, k1]);
    await releaseKey(secrets, 'k1');
    await expect(workerWith(secrets, k1, k2)).rejects.toThrow(/"k1" stands first.*was retired.*Put one of "k2" first/);
    await workerWith(secrets, k2, k1);
    expect(await stored(secrets)).toEqual({ keys: check(k2), needed: { k2: since }, retired: check(k1) });
  });

  it('refuses the id of a retired key for a new one', async () => {
    const secrets = await after([k1], [k1, k2], [k2, k1]);
    await releaseKey(secrets, 'k1');
    await expect(workerWith(secrets, k2, KeyRing.generate('k1'))).rejects.toThrow(/another value for "k1"/);
  });

  it.each([
    ['is from before marks were kept', { keys: check(k1, k2, k3) }],
    ['was destroyed', undefined],
  ])('takes every key of the first worker for needed where the document %s', async (_what, document) => {
    const secrets = openEmbeddedSecrets(systemClock);
    if (document) await secrets.write('config', 'key-check', new Secret(document));
    expect(await workerWith(secrets, k2, k1)).toBe('proven');
    expect(await stored(secrets)).toMatchObject({ needed: { k1: since, k2: since }, retired: {} });
    await expect(workerWith(secrets, k2)).rejects.toThrow(/lacks "k1"/);
  });

  it('releases a key once, and leaves alone one that is not there', async () => {
    const secrets = await after([k1], [k1, k2], [k2, k1]);
    await Promise.all([releaseKey(secrets, 'k1'), releaseKey(secrets, 'k1'), releaseKey(secrets, 'k9')]);
    expect(await stored(secrets)).toEqual({ keys: check(k2), needed: { k2: since }, retired: check(k1) });
  });
});

it('the lookup for the codec knows every key that a process had, retired ones too, and no other', async () => {
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
