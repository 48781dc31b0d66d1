import { startOidcProvider } from '../support/oidc-provider.ts';
import type { ServiceAccount } from '../support/oidc-registration.ts';
import { formMethodOn, redirectMethodOn, redirectUriOf } from './provider.harness.ts';

const signIn = { provider: 'ovh', method: 'authorization_code' };
const account = 'la12345-ovh';
const start = async () => {
  const server = await startOidcProvider({ redirectUris: [redirectUriOf(signIn)] });
  return { ...server, account, environment: server.environment() };
};

redirectMethodOn('OVHcloud, with the certified oidc-provider as its OAuth server', signIn, start);

formMethodOn(
  'an OVHcloud service account, with the certified oidc-provider as its OAuth server',
  { provider: 'ovh', method: 'client_credentials', variant: 'existing' },
  async () => {
    const server = await start();
    const accounts = new Map<string, ServiceAccount>();
    return {
      ...server,
      revocation: 'unsupported',
      async submit() {
        const made = await server.serviceAccount();
        accounts.set(made.clientId, made);
        return { client_id: made.clientId, client_secret: made.clientSecret };
      },
      wrong: {
        fields: { client_secret: 'not-the-secret-of-this-account' },
        expected: { class: 'user', code: 'service_account_rejected' },
      },
      withdraw: async (record) => await accounts.get(record['client_id'] as string)?.delete(),
    };
  },
);
