import { startOidcProvider } from '../support/oidc-provider.ts';
import type { ServiceAccount } from '../support/oidc-registration.ts';
import { redirectMethodContract } from './provider.contract.ts';
import { formMethodContract } from './provider.form.contract.ts';
import { ovhForm, ovhHarness, ovhMethod, ovhRedirectUri, ovhRegion, withCloudAt } from './provider.ovh.harness.ts';

redirectMethodContract('OVHcloud, with the certified oidc-provider as its OAuth server', async () => {
  const server = await startOidcProvider({ redirectUris: [ovhRedirectUri] });
  return ovhHarness({ ...server, environment: server.environment() });
});

formMethodContract('an OVHcloud service account, with the certified oidc-provider as its OAuth server', async () => {
  const server = await startOidcProvider({ redirectUris: [ovhRedirectUri] });
  const accounts = new Map<string, ServiceAccount>();
  return {
    region: ovhRegion,
    manifest: ovhForm('client_credentials'),
    variant: 'existing',
    account: 'la12345-ovh',
    revocation: 'unsupported',
    method: ({ cloudUrl } = {}) => ovhMethod('client_credentials', withCloudAt(server.environment(), cloudUrl)),
    async submit() {
      const account = await server.serviceAccount();
      accounts.set(account.clientId, account);
      return { client_id: account.clientId, client_secret: account.clientSecret };
    },
    wrong: {
      fields: { client_secret: 'not-the-secret-of-this-account' },
      expected: { class: 'user', code: 'service_account_rejected' },
    },
    withdraw: async (record) => await accounts.get(record['client_id'] as string)?.delete(),
    close: () => server.close(),
  };
});
