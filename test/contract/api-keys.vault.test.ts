import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';

import { systemClock } from '../../platform/clock.ts';
import { createApiKeys } from '../../stores/api-keys.ts';
import { SecretStoreUnavailable } from '../../stores/secrets/port.ts';
import { createVaultSecretStore } from '../../stores/secrets/vault.ts';
import { createTenants } from '../../stores/tenants.ts';
import { apiKeysContract } from './api-keys.contract.ts';
import { prepareVault, type PreparedVault } from './prepared-vault.ts';

const { vault: component } = inject('components');

describe.skipIf(component === null)('API keys on Vault, with the rights of the API', () => {
  let vault: PreparedVault;
  beforeAll(async () => {
    vault = await prepareVault(component!);
  });
  const open = async (prepared: PreparedVault) => {
    const { address, mount } = prepared;
    return createVaultSecretStore({ address, mount, auth: await prepared.credentials('api'), clock: systemClock });
  };

  apiKeysContract(async () => await open(vault));

  it('the API makes a new tenant, and leaves one that exists as it is', async () => {
    const secrets = await open(vault);
    onTestFinished(async () => await secrets.close());
    const tenants = createTenants({ secrets });
    for (const displayName of ['Umbrella', 'Somebody else']) {
      await tenants.create('umbrella', { displayName, platformRedirectUris: [], confirmsInvitations: true });
    }
    expect((await tenants.read('umbrella'))?.displayName).toBe('Umbrella');
  });

  it('where VAULT_KEYS_BY_API is false, the API verifies keys, and Vault forbids it to change them', async () => {
    const own = await prepareVault(component!);
    await own.setup({ VAULT_KEYS_BY_API: 'false' });
    const secrets = await open(own);
    onTestFinished(async () => await secrets.close());
    const apiKeys = createApiKeys({ secrets, clock: systemClock });
    expect([await apiKeys.ids(), await apiKeys.read('0'.repeat(16))]).toEqual([[], undefined]);
    const error: unknown = await apiKeys
      .create({ tenant: 'acme', scopes: ['admin'], name: 'CI', expiresAt: null })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SecretStoreUnavailable);
    expect(error).toMatchObject({ forbidden: true, ambiguous: false });
  });
});
