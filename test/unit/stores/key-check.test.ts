import { describe, expect, it } from 'vitest';

import { systemClock } from '../../../platform/clock.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { Secret } from '../../../platform/secret.ts';
import { checkKeyRing, KeyRingMismatch } from '../../../stores/key-check.ts';
import type { SecretStore } from '../../../stores/secrets/port.ts';
import { openEmbeddedSecrets } from './embedded-secrets.ts';

const [k1, k2, k3] = ['k1', 'k2', 'k3'].map((id) => KeyRing.generate(id)) as [string, string, string];
const ring = (...keys: string[]) => KeyRing.parse(keys.join(','));

const workerWith = async (secrets: SecretStore, ...keys: string[]) =>
  await checkKeyRing({ secrets, keyRing: ring(...keys), mayWrite: true });
const apiWith = async (secrets: SecretStore, ...keys: string[]) =>
  await checkKeyRing({ secrets, keyRing: ring(...keys), mayWrite: false });
const stored = async (secrets: SecretStore) => (await secrets.read('config', 'key-check'))?.data.reveal();

describe('the key check', () => {
  it('is unproven for an API that comes first, and proven once a worker with the same ring was there', async () => {
    const secrets = openEmbeddedSecrets(systemClock);
    expect(await apiWith(secrets, k1)).toBe('unproven');
    expect(await stored(secrets)).toBeUndefined();
    expect(await workerWith(secrets, k1)).toBe('proven');
    expect(await apiWith(secrets, k1)).toBe('proven');
  });

  it('refuses another key under the same id, and names the id alone', async () => {
    const secrets = openEmbeddedSecrets(systemClock);
    await workerWith(secrets, k1, k2);
    const other = KeyRing.generate('k2');
    for (const check of [workerWith, apiWith]) {
      const error: unknown = await check(secrets, k1, other).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(KeyRingMismatch);
      const { message } = error as KeyRingMismatch;
      expect(message).toContain('"k2"');
      expect(message).not.toContain('"k1"');
      const values = [ring(k1, k2), ring(other)].flatMap((keyRing) => Object.values(keyRing.checkValues()));
      const keys = [k1, k2, other].map((key) => key.slice(3));
      for (const value of [...values, ...keys]) expect(message).not.toContain(value);
    }
  });

  it('refuses a ring with no key in common, and changes nothing', async () => {
    const secrets = openEmbeddedSecrets(systemClock);
    await workerWith(secrets, k1);
    await expect(workerWith(secrets, k2)).rejects.toThrow(KeyRingMismatch);
    await expect(apiWith(secrets, k2)).rejects.toThrow(/"k2".*"k1".*no key in common/);
    expect(await stored(secrets)).toEqual({ keys: ring(k1).checkValues() });
  });

  it('goes along with a rotation: a new key in front is added, the old one may go later', async () => {
    const secrets = openEmbeddedSecrets(systemClock);
    await workerWith(secrets, k1);
    expect(await apiWith(secrets, k2, k1)).toBe('proven');
    expect(await workerWith(secrets, k2, k1)).toBe('proven');
    expect(await workerWith(secrets, k1)).toBe('proven');
    expect(await workerWith(secrets, k3, k2)).toBe('proven');
    expect(await stored(secrets)).toEqual({ keys: ring(k1, k2, k3).checkValues() });
    await expect(apiWith(secrets, KeyRing.generate('k1'), k3)).rejects.toThrow(/"k1"/);
  });

  it('keeps the keys of all workers that start at once, and admits only one of two that differ', async () => {
    const secrets = openEmbeddedSecrets(systemClock);
    await Promise.all([workerWith(secrets, k1), workerWith(secrets, k1, k2), workerWith(secrets, k1, k3)]);
    expect(await stored(secrets)).toEqual({ keys: ring(k1, k2, k3).checkValues() });

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
