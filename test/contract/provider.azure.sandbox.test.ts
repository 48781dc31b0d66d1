import { expect } from 'vitest';

import { azurePrincipal, azureTraits } from './provider.azure.harness.ts';
import { formMethodOnSandbox, redirectMethodOnSandbox } from './provider.harness.ts';

const tenant = 'aaaa1111-0000-4000-8000-000000000001';
const ada = '0b1ec701-0000-4000-8000-000000000001';
const username = 'ada@lindqvist.example';

redirectMethodOnSandbox(
  { provider: 'azure', method: 'authorization_code' },
  {
    account: `${tenant}/${ada}`,
    person: username,
    ...azureTraits({ tenant_id: tenant, object_id: ada, username, granted_at: expect.any(Number) as number }),
  },
);

formMethodOnSandbox({ provider: 'azure', method: 'client_secret' }, async ({ azure }) => {
  // The contract has every submission be one account, and takes its secret away in between.
  const { clientId, tenantId } = await azure.addServicePrincipal('contract');
  await azure.assignRoles(clientId, ['Production', 'Staging', 'Old laboratory']);
  return {
    ...azurePrincipal,
    account: `${tenantId}/${clientId}`,
    async submit() {
      const { secret } = await azure.renewSecret(clientId);
      return { tenant_id: tenantId, client_id: clientId, client_secret: secret?.value ?? '' };
    },
    withdraw: () => azure.deleteSecret(clientId),
  };
});
