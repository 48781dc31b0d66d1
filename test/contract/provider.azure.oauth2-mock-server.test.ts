import { randomUUID } from 'node:crypto';

import { expect } from 'vitest';

import { entraTenant, entraUser, startEntraMock } from '../support/entra/entra-mock.ts';
import {
  azureAt,
  azureForm,
  azureMethod,
  azureRegion,
  azureSignInHarness,
  azureTraits,
} from './provider.azure.harness.ts';
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
  return {
    region: azureRegion,
    manifest: azureForm(),
    account: `${entraTenant}/${clientId}`,
    revocation: 'unsupported',
    method: ({ cloudUrl } = {}) =>
      azureMethod('client_secret', { ...entra.environment, ...(cloudUrl !== undefined && azureAt(cloudUrl)) }),
    submit: () => Promise.resolve(entra.addServicePrincipal(clientId)),
    wrong: {
      fields: { client_secret: 'not-the-secret' },
      // For the first minutes it may be a secret that Microsoft does not know yet.
      expected: { class: 'transient', code: 'invalid_client' },
    },
    withdraw: () => Promise.resolve(entra.dropSecret(clientId)),
    close: () => entra.close(),
  };
});
