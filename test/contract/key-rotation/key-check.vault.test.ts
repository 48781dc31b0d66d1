import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../platform/clock.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { createLogger } from '../../../platform/logger.ts';
import { checkKeyRing, createKeyLookup, readMarks, releaseKey } from '../../../stores/key-check.ts';
import { createVaultSecretStore } from '../../../stores/secrets/vault.ts';
import { prepareVault } from '../prepared-vault.ts';
import { steps } from './world.ts';

const { vault } = inject('components');

describe.skipIf(vault === null)('the marks of a key rotation in a real Vault', () => {
  test('only workers write the marks of a key rotation, once per step, and a process that lacks a key is refused', async () => {
    if (!vault) throw new Error('This suite is skipped without Vault.');
    const prepared = await prepareVault(vault);
    const storeOf = async (process: 'api' | 'worker') => {
      const { address, mount } = prepared;
      const store = createVaultSecretStore({
        address,
        mount,
        namespace: undefined,
        auth: await prepared.credentials(process),
        clock: systemClock,
        logger: createLogger(process, 'silent'),
      });
      onTestFinished(async () => await store.close());
      return store;
    };
    const [api, worker] = [await storeOf('api'), await storeOf('worker')];
    const boot = async (process: 'api' | 'worker', keys: string) =>
      await checkKeyRing({
        secrets: process === 'api' ? api : worker,
        keyRing: KeyRing.parse(keys),
        mayWrite: process === 'worker',
        clock: systemClock,
      });
    const version = async () => (await readMarks(worker))?.version;

    expect(await boot('api', steps.before)).toBe('unproven');
    expect([await boot('worker', steps.before), await boot('api', steps.before)]).toEqual(['proven', 'proven']);
    await expect(boot('worker', steps.inFront)).rejects.toThrow(/"k2" stands first/);
    await boot('worker', steps.behind);
    expect(await boot('api', steps.inFront)).toBe('unproven');
    await boot('worker', steps.inFront);
    expect(await boot('api', steps.inFront)).toBe('proven');
    expect(await version()).toBe(3);

    // Later starts find their marks, in whatever order Vault returns them.
    for (const keys of [steps.behind, steps.inFront]) await boot('worker', keys);
    expect(await version()).toBe(3);

    await expect(boot('worker', steps.dropped)).rejects.toThrow(/lacks "k1"/);
    await expect(boot('api', steps.dropped)).rejects.toThrow(/lacks "k1"/);
    await releaseKey(worker, 'k1');
    expect([await boot('worker', steps.dropped), await boot('api', steps.dropped)]).toEqual(['proven', 'proven']);
    const isKnownKey = createKeyLookup(worker);
    expect([await isKnownKey('k1'), await isKnownKey('k2'), await isKnownKey('made-up')]).toEqual([true, true, false]);
  });
});
