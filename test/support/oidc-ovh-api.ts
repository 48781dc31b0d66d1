import type { IncomingMessage, ServerResponse } from 'node:http';

import type Provider from 'oidc-provider';

/** Whom service accounts act for. */
const OWNER = 'la12345-ovh';

/** `/1.0/auth/details` and `/1.0/me` of OVHcloud, for bearers of the server's access tokens. */
export async function serveOvhApi(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await answer(provider, request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function answer(
  provider: Provider,
  { url, headers }: IncomingMessage,
): Promise<{ status: number; body: unknown }> {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
  const service = await provider.ClientCredentials.find(bearer, { ignoreExpiration: true });
  const token = service
    ? { accountId: OWNER, isExpired: service.isExpired }
    : await provider.AccessToken.find(bearer, { ignoreExpiration: true });
  if (token?.isExpired)
    return { status: 401, body: { class: 'Client::Unauthorized', message: 'You must login first' } };
  if (!token) {
    return { status: 403, body: { errorCode: 'INVALID_CREDENTIAL', message: 'This credential is not valid' } };
  }
  if (url === '/1.0/auth/details') return { status: 200, body: { account: token.accountId } };
  if (url === '/1.0/me') {
    const me = { nichandle: token.accountId, firstname: 'Ada', name: 'Lindqvist', organisation: 'Lindqvist Logistics' };
    return { status: 200, body: me };
  }
  return { status: 404, body: { class: 'Client::NotFound', message: 'Got an invalid (or empty) URL' } };
}
