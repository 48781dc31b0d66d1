import { randomUUID } from 'node:crypto';

import { expect } from 'vitest';

import { entraTenant, entraUser, startEntraMock } from '../support/entra/entra-mock.ts';
import { azurePrincipal, azureTraits } from './provider.azure.harness.ts';
import { formMethodOn, redirectMethodOn } from './provider.harness.ts';

redirectMethodOn(
  'Azure, with oauth2-mock-server over TLS as Microsoft Entra ID',
  { provider: 'azure', method: 'authorization_code' },
  async () => ({ ...(await startEntraMock()), account: `${entraTenant}/${entraUser}` }),
  azureTraits({
    tenant_id: entraTenant,
    object_id: entraUser,
    username: 'dora@mock.example',
    granted_at: expect.any(Number) as number,
  }),
);

formMethodOn(
  'Azure service principal, with oauth2-mock-server over TLS as Microsoft Entra ID',
  { provider: 'azure', method: 'client_secret' },
  async () => {
    const entra = await startEntraMock();
    const clientId = randomUUID();
    return {
      ...entra,
      ...azurePrincipal,
      account: `${entraTenant}/${clientId}`,
      submit: () => Promise.resolve(entra.addServicePrincipal(clientId)),
      withdraw: () => Promise.resolve(entra.dropSecret(clientId)),
    };
  },
);
