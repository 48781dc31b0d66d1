import { startOidcProvider } from '../support/oidc-provider.ts';
import { redirectMethodContract } from './provider.contract.ts';
import { ovhHarness, ovhRedirectUri } from './provider.ovh.harness.ts';

redirectMethodContract('OVHcloud, with the certified oidc-provider as its OAuth server', async () => {
  const server = await startOidcProvider({ redirectUris: [ovhRedirectUri] });
  return ovhHarness({ ...server, environment: server.environment() });
});
