import { randomUUID } from 'node:crypto';

import { expect } from 'vitest';

import { entraTenant, entraUser, startEntraMock } from '../support/entra/entra-mock.ts';
import { azureFormHarness, azureSignInHarness, azureTraits } from './provider.azure.harness.ts';
import { redirectMethodContract } from './provider.contract.ts';
import { formMethodContract } from './provider.form.contract.ts';

redirectMethodContract(
  'Azure, with oauth2-mock-server over TLS as Microsoft Entra ID',
  async () => azureSignInHarness({ ...(await startEntraMock()), account: `${entraTenant}/${entraUser}` }),
  azureTraits({
    tenant_id: entraTenant,
    object_id: entraUser,
    username: 'dora@mock.example',
    granted_at: expect.any(Number) as number,
  }),
);

formMethodContract('Azure service principal, with oauth2-mock-server over TLS as Microsoft Entra ID', async () => {
  const entra = await startEntraMock();
  const clientId = randomUUID();
  return azureFormHarness({
    ...entra,
    account: `${entraTenant}/${clientId}`,
    submit: () => Promise.resolve(entra.addServicePrincipal(clientId)),
    withdraw: () => Promise.resolve(entra.dropSecret(clientId)),
  });
});
