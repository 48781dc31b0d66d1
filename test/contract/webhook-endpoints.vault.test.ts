import { beforeAll, describe, inject } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { createVaultSecretStore } from '../../stores/secrets/vault.ts';
import { prepareVault, type PreparedVault } from './prepared-vault.ts';
import { webhookEndpointsContract } from './webhook-endpoints.contract.ts';

const { vault: component } = inject('components');

describe.skipIf(component === null)('webhook endpoints on Vault, with the rights of each process', () => {
  let vault: PreparedVault;
  beforeAll(async () => {
    vault = await prepareVault(component!);
  });
  const open = async (process: 'api' | 'worker') => {
    const { address, mount } = vault;
    return createVaultSecretStore({ address, mount, auth: await vault.credentials(process), clock: systemClock });
  };

  webhookEndpointsContract(
    async () => await open('api'),
    async () => await open('worker'),
  );
});
