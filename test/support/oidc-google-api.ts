import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

import type Provider from 'oidc-provider';

export interface RegisteredClient {
  readonly revokeUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * What of Google is not the server's own: a list of projects for bearers of its access tokens, and a revocation
 * endpoint that wants to know no client and calls a token that is gone an error. The revocation itself is the server's.
 */
export async function serveGoogleApi(
  provider: Provider,
  client: RegisteredClient,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '', 'http://google');
  const { status, body } =
    pathname === '/google/revoke'
      ? await revoke(provider, client, new URLSearchParams(await text(request)))
      : await projects(provider, request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function projects(provider: Provider, { headers }: IncomingMessage): Promise<Answer> {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
  if (await provider.AccessToken.find(bearer)) {
    return { status: 200, body: { projects: [{ projectId: 'people-web', state: 'ACTIVE' }] } };
  }
  return { status: 401, body: { error: { code: 401, message: 'Invalid credentials', status: 'UNAUTHENTICATED' } } };
}

async function revoke(provider: Provider, client: RegisteredClient, form: URLSearchParams): Promise<Answer> {
  const token = form.get('token') ?? '';
  const known = (await provider.RefreshToken.find(token)) ?? (await provider.AccessToken.find(token));
  if (!known) return { status: 400, body: { error: 'invalid_token', error_description: 'Token expired or revoked' } };
  const { revokeUrl, clientId, clientSecret } = client;
  const body = new URLSearchParams({ token, client_id: clientId, client_secret: clientSecret });
  const { ok, status } = await fetch(revokeUrl, { method: 'POST', body });
  return { status: ok ? 200 : status, body: {} };
}
