import { expect } from 'vitest';

import { createSandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { azureFormHarness, azureSignInHarness, azureTraits } from './provider.azure.harness.ts';
import { redirectMethodContract } from './provider.contract.ts';
import { formMethodContract } from './provider.form.contract.ts';

const tenant = 'aaaa1111-0000-4000-8000-000000000001';
const ada = '0b1ec701-0000-4000-8000-000000000001';

async function startSandbox() {
  const sandbox = createSandbox();
  const url = await sandbox.listen();
  const environment = sandboxEnvironment(url);
  return { cloud: createSandboxClient(url), environment, close: () => sandbox.close() };
}

redirectMethodContract(
  'Azure, on the sandbox',
  async () => {
    const { cloud, environment, close } = await startSandbox();
    const decide = (url: URL) => cloud.decide(url, { account: 'ada@lindqvist.example' });
    return azureSignInHarness({ environment, account: `${tenant}/${ada}`, decide, close });
  },
  azureTraits({
    tenant_id: tenant,
    object_id: ada,
    username: 'ada@lindqvist.example',
    granted_at: expect.any(Number) as number,
  }),
);

formMethodContract('Azure service principal, on the sandbox', async () => {
  const { cloud, environment, close } = await startSandbox();
  // The contract has every submission be one account, and takes its secret away in between.
  const { clientId, tenantId } = await cloud.azure.addServicePrincipal('contract');
  await cloud.azure.assignRoles(clientId, ['Production', 'Staging', 'Old laboratory']);
  return azureFormHarness({
    environment,
    account: `${tenantId}/${clientId}`,
    async submit() {
      const { secret } = await cloud.azure.renewSecret(clientId);
      return { tenant_id: tenantId, client_id: clientId, client_secret: secret?.value ?? '' };
    },
    withdraw: () => cloud.azure.deleteSecret(clientId),
    close,
  });
});
