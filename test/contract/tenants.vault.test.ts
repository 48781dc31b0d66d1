import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';

import { systemClock } from '../../platform/clock.ts';
import { createVaultSecretStore } from '../../stores/secrets/vault.ts';
import { createTenants } from '../../stores/tenants.ts';
import { prepareVault, type PreparedVault } from './prepared-vault.ts';
import { acme, tenantsContract } from './tenants.contract.ts';

const { vault: component } = inject('components');

describe.skipIf(component === null)('tenants on Vault, with the rights of the API', () => {
  let vault: PreparedVault;
  beforeAll(async () => {
    vault = await prepareVault(component!);
  });
  const open = async (prepared: PreparedVault) => {
    const { address, mount } = prepared;
    return createVaultSecretStore({ address, mount, auth: await prepared.credentials('api'), clock: systemClock });
  };

  tenantsContract(async () => await open(vault));

  it('where VAULT_TENANTS_BY_API is false, the API reads tenants, and Vault forbids it to list and change them', async () => {
    const own = await prepareVault(component!);
    await own.setup({ VAULT_TENANTS_BY_API: 'false' });
    await own.asRoot('POST', `${own.mount}/data/config/tenants/acme`, { data: acme });
    const secrets = await open(own);
    onTestFinished(async () => await secrets.close());
    const tenants = createTenants({ secrets });
    expect(await tenants.read('acme')).toEqual({ ...acme, version: 1 });
    for (const deed of [async () => await tenants.list(), async () => await tenants.replace('acme', 1, acme)]) {
      await expect(deed()).rejects.toMatchObject({ forbidden: true, ambiguous: false });
    }
  });
});
