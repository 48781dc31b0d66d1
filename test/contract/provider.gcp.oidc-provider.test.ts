import { startOidcProvider } from '../support/oidc-provider.ts';
import { redirectMethodContract } from './provider.contract.ts';
import { ada, gcpHarness, gcpRedirectUri, gcpScopes } from './provider.gcp.harness.ts';

const scopes = gcpScopes();

redirectMethodContract(
  'Google Cloud, with the certified oidc-provider as its OAuth server',
  async () => {
    const server = await startOidcProvider({ redirectUris: [gcpRedirectUri], scopes, rotateRefreshToken: false });
    return gcpHarness('authorization_code', {
      environment: server.googleEnvironment(),
      decide: (authorizeUrl) => server.decide(authorizeUrl, { account: ada.sub }),
      close: () => server.close(),
    });
  },
  { scopes, keepsRefreshTokens: true, revokesForAnybody: true },
);
