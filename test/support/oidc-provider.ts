import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import Provider from 'oidc-provider';

import { serveGoogleApi } from './oidc-google-api.ts';
import { finishInteraction } from './oidc-interactions.ts';
import { serveOvhApi } from './oidc-ovh-api.ts';
import { walk, type Decision } from './oidc-browser.ts';
import { registerServiceAccount, type ServiceAccount } from './oidc-registration.ts';

export interface OidcProvider {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly revokeUrl: string;
  /** `/auth/details` and `/me` as OVHcloud has them, for the tokens of this server. */
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What points Mooring's OVHcloud (one region) at it. */
  environment(variablePrefix?: string): Record<string, string>;
  /** What points Mooring's Google Cloud at it. */
  googleEnvironment(): Record<string, string>;
  /** Signs in, consents or refuses, as a browser would. Answers the URL of the redirect back. */
  decide(authorizeUrl: string | URL, decision?: Decision): Promise<URL>;
  /** Registers a client that acts for itself (RFC 7591; RFC 6749, 4.4), as OVHcloud's service accounts do. */
  serviceAccount(): Promise<ServiceAccount>;
  /** Names of what the server reported, oldest first: `grant.success`, `grant.error`, `grant.revoked`. */
  readonly events: readonly string[];
  close(): Promise<void>;
}

/**
 * A certified OAuth server (oidc-provider), set up as strictly as a cloud could be: PKCE required, client secret in
 * the body, every refresh rotates unless told otherwise, a spent refresh token that comes back revokes the grant, no
 * clock tolerance.
 */
export async function startOidcProvider(options: {
  redirectUris: readonly string[];
  accessTokenTtlSeconds?: number;
  /** What may be asked for; left out: `all`. */
  scopes?: readonly string[];
  rotateRefreshToken?: boolean;
}): Promise<OidcProvider> {
  const { scopes = ['all'], rotateRefreshToken = true } = options;
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clientId = 'mooring-under-test';
  const clientSecret = randomBytes(24).toString('base64url');

  const provider = new Provider(origin, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: options.redirectUris,
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
        scope: scopes.join(' '),
      },
    ],
    scopes,
    claims: { openid: ['sub'], 'https://www.googleapis.com/auth/userinfo.email': ['email'] },
    clientAuthMethods: ['client_secret_post'],
    clockTolerance: 0,
    pkce: { required: () => true },
    rotateRefreshToken,
    issueRefreshToken: () => true,
    ttl: {
      AccessToken: options.accessTokenTtlSeconds ?? 3600,
      ClientCredentials: options.accessTokenTtlSeconds ?? 3600,
      RefreshToken: 86_400,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 600,
      Session: 600,
    },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: () => true },
      clientCredentials: { enabled: true },
      registration: { enabled: true },
      registrationManagement: { enabled: true },
    },
    findAccount: (_: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, email: `${accountId}@people.example` }),
    }),
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
  });
  const client = { revokeUrl: `${origin}/token/revocation`, clientId, clientSecret };
  const events: string[] = [];
  for (const name of ['grant.success', 'grant.error', 'grant.revoked']) provider.on(name, () => events.push(name));

  const oauth = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/')) void finishInteraction(provider, request, response);
    else if (request.url?.startsWith('/1.0/')) void serveOvhApi(provider, request, response);
    else if (request.url?.startsWith('/google/')) void serveGoogleApi(provider, client, request, response);
    else oauth(request, response);
  });

  return {
    authorizeUrl: `${origin}/auth`,
    tokenUrl: `${origin}/token`,
    revokeUrl: `${origin}/token/revocation`,
    apiUrl: `${origin}/1.0`,
    clientId,
    clientSecret,
    environment: (prefix = 'OVH_EU') => ({
      [`${prefix}_AUTHORIZE_URL`]: `${origin}/auth`,
      [`${prefix}_TOKEN_URL`]: `${origin}/token`,
      [`${prefix}_REVOKE_URL`]: `${origin}/token/revocation`,
      [`${prefix}_API_URL`]: `${origin}/1.0`,
      [`${prefix}_CLIENT_ID`]: clientId,
      [`${prefix}_CLIENT_SECRET`]: clientSecret,
    }),
    googleEnvironment: () => ({
      GCP_ISSUER_URL: origin,
      GCP_AUTHORIZE_URL: `${origin}/auth`,
      GCP_TOKEN_URL: `${origin}/token`,
      GCP_REVOKE_URL: `${origin}/google/revoke`,
      GCP_USERINFO_URL: `${origin}/me`,
      GCP_RESOURCE_MANAGER_URL: `${origin}/google`,
      GCP_CLIENT_ID: clientId,
      GCP_CLIENT_SECRET: clientSecret,
    }),
    serviceAccount: () => registerServiceAccount(`${origin}/reg`),
    decide: (authorizeUrl, decision) => walk(origin, new URL(authorizeUrl), decision),
    events,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
