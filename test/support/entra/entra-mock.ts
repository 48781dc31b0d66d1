import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { Events, OAuth2Issuer, OAuth2Service, type MutableRedirectUri } from 'oauth2-mock-server';

import { createEntraScript, type EntraRefusal, type EntraScript } from './entra-script.ts';

const tls = (name: string): Buffer => readFileSync(new URL(`../../data/azure/tls/${name}.pem`, import.meta.url));

export const entraTenant = 'dddd4444-0000-4000-8000-000000000001';
export const entraUser = '0b1ec704-0000-4000-8000-000000000001';

export interface EntraMock extends Pick<EntraScript, 'dropSecret'> {
  /** What points Mooring's Azure (cloud `global`) at it. */
  readonly environment: Record<string, string>;
  /** Makes an application of a customer's, with a role on subscriptions. Answers what the customer submits. */
  addServicePrincipal(clientId: string): { tenant_id: string; client_id: string; client_secret: string };
  /** Signs in and consents. Answers the URL of the redirect back. */
  decide(authorizeUrl: URL): Promise<URL>;
  /** Paths of the requests so far. */
  readonly paths: readonly string[];
  close(): Promise<void>;
}

type MutableToken = { payload: Record<string, unknown> };
type TokenResponse = { body: Record<string, unknown> };

/**
 * `oauth2-mock-server` over TLS as Microsoft Entra ID: its metadata, its tokens, its PKCE; what it is too lenient about is
 * scripted in front of it. Its certificate's authority is trusted by this process from here on.
 */
export async function startEntraMock(): Promise<EntraMock> {
  setDefaultCACertificates([...getCACertificates('default'), tls('authority').toString()]);
  const clientId = randomUUID();
  const secrets = new Map<string, string>([[clientId, `mock~${randomUUID()}`]]);
  const script = createEntraScript(secrets);
  const paths: string[] = [];

  const server = createServer({ cert: tls('server'), key: tls('server-key') });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  const issuer = new OAuth2Issuer();
  issuer.url = `${origin}/${entraTenant}/v2.0`;
  await issuer.keys.generate('RS256');
  const service = createService(issuer, origin, script);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    paths.push(`${request.method} ${request.url?.split('?')[0]}`);
    if (request.method !== 'POST') return service.requestHandler(request, response);
    const body = await text(request);
    const refusal = script.refuse(new URLSearchParams(body));
    if (refusal) return answer(response, refusal);
    const { method, url, headers } = request;
    service.requestHandler(
      Object.assign(Readable.from([Buffer.from(body)]), { method, url, headers }) as IncomingMessage,
      response,
    );
  }
  server.on('request', (request, response) => void serve(request, response));

  return {
    environment: {
      AZURE_AUTHORITY_HOST: origin,
      AZURE_AUTHORIZE_URL: `${origin}/${entraTenant}/oauth2/v2.0/authorize`,
      AZURE_TOKEN_URL: `${origin}/${entraTenant}/oauth2/v2.0/token`,
      AZURE_API_URL: origin,
      AZURE_TENANT_ID: entraTenant,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: secrets.get(clientId) ?? '',
    },
    addServicePrincipal(client_id) {
      const client_secret = `mock~${randomUUID()}`;
      secrets.set(client_id, client_secret);
      return { tenant_id: entraTenant, client_id, client_secret };
    },
    async decide(authorizeUrl) {
      const response = await fetch(authorizeUrl, { redirect: 'manual' });
      const target = new URL(response.headers.get('location') ?? '');
      const code = target.searchParams.get('code') ?? '';
      const { searchParams } = authorizeUrl;
      const terms = {
        redirectUri: searchParams.get('redirect_uri') ?? '',
        challenge: searchParams.get('code_challenge') ?? '',
      };
      script.codeGiven(code, terms);
      return target;
    },
    dropSecret: (id) => script.dropSecret(id),
    paths,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function createService(issuer: OAuth2Issuer, origin: string, script: EntraScript): OAuth2Service {
  const below = `/${entraTenant}`;
  const service = new OAuth2Service(issuer, {
    wellKnownDocument: `${below}/v2.0/.well-known/openid-configuration`,
    authorize: `${below}/oauth2/v2.0/authorize`,
    token: `${below}/oauth2/v2.0/token`,
    jwks: `${below}/discovery/v2.0/keys`,
  });
  service.on(Events.BeforeWellKnownOpenIdConfiguration, ({ body }: TokenResponse) => {
    body['authorization_endpoint'] = `${origin}${below}/oauth2/v2.0/authorize`;
    body['token_endpoint'] = `${origin}${below}/oauth2/v2.0/token`;
    body['jwks_uri'] = `${origin}${below}/discovery/v2.0/keys`;
  });
  service.on(Events.BeforeAuthorizeRedirect, ({ url }: MutableRedirectUri) =>
    url.searchParams.set('session_state', 'mock'),
  );
  service.on(Events.BeforeTokenSigning, ({ payload }: MutableToken) => {
    // Two tokens of one second would be the same otherwise.
    Object.assign(payload, {
      uti: randomUUID(),
      tid: entraTenant,
      oid: entraUser,
      preferred_username: 'dora@mock.example',
    });
  });
  service.on(Events.BeforeResponse, ({ body }: TokenResponse, request: { body: Record<string, string> }) => {
    const refreshToken = body['refresh_token'] as string | undefined;
    script.tokensGiven(new URLSearchParams(request.body), {
      accessToken: body['access_token'] as string,
      refreshToken,
    });
    if (refreshToken !== undefined) body['scope'] = 'https://management.azure.com/user_impersonation';
  });
  service.addRoute('GET', '/subscriptions', ({ headers, query }, response) => {
    const token = (headers.authorization ?? '').replace(/^Bearer /, '');
    if (!script.accepts(token)) {
      return sendJson(response, 401, {
        error: { code: 'InvalidAuthenticationToken', message: 'The access token is invalid.' },
      });
    }
    const isLast = query['$skiptoken'] !== undefined;
    const row = (digit: string, displayName: string) => ({
      subscriptionId: `5ab5000${digit}-0000-4000-8000-000000000001`,
      displayName,
      state: 'Enabled',
    });
    sendJson(response, 200, {
      value: [isLast ? row('6', 'Second page') : row('5', 'First page')],
      ...(!isLast && { nextLink: `${origin}/subscriptions?api-version=2022-12-01&$skiptoken=next` }),
    });
  });
  return service;
}

const answer = (response: ServerResponse, { error, code, text: words }: EntraRefusal): void =>
  sendJson(response, error === 'invalid_client' ? 401 : 400, {
    error,
    error_description: `AADSTS${code}: ${words} Trace ID: ${randomUUID()} Correlation ID: ${randomUUID()}`,
    error_codes: [code],
  });

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
