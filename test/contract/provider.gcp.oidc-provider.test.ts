import { startOidcProvider } from '../support/oidc-provider.ts';
import { ada } from './provider.gcp.harness.ts';
import { redirectManifest, redirectMethodOn, redirectUriOf } from './provider.harness.ts';

const signIn = { provider: 'gcp', method: 'authorization_code' };
const { scopes } = redirectManifest(signIn);

redirectMethodOn('Google Cloud, with the certified oidc-provider as its OAuth server', signIn, async () => {
  const redirectUris = [redirectUriOf(signIn)];
  const server = await startOidcProvider({ redirectUris, scopes, rotateRefreshToken: false });
  return {
    environment: server.googleEnvironment(),
    account: ada.sub,
    decide: (authorizeUrl) => server.decide(authorizeUrl, { account: ada.sub }),
    close: () => server.close(),
  };
});
