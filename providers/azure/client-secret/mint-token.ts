import { ClientSecretCredential, type ClientSecretCredentialOptions } from '@azure/identity';
import { Value } from 'typebox/value';

import { Secret } from '../../../platform/secret.ts';
import { CallError, isUnavailable, statusFailure } from '../../http/call-error.ts';
import { calling } from '../../http/call-watch.ts';
import type { Http } from '../../http/http.ts';
import type { RegionSettings } from '../../manifests/settings.ts';
import { quotable } from '../../oauth/failure.ts';
import { usableLifetime } from '../../oauth/token-reply.ts';
import type { MethodDependencies } from '../../preconditions.ts';
import { TokenErrorSchema, TokenReplySchema, type ServicePrincipal } from '../schema.ts';

/** Microsoft draws 60 to 90 minutes for each token. It counts only where a reply has no usable `expires_in`. */
const DOCUMENTED_TTL_SECONDS = 3600;

export interface MintedToken {
  readonly accessToken: Secret<string>;
  /** `expires_in` in whole seconds, about an hour. */
  readonly ttlSeconds: number;
  readonly scope: string;
}

/** Signs a service principal in (RFC 6749, 4.4), anew each time. Throws {@link CallError}. */
export type MintToken = (principal: ServicePrincipal, signal: AbortSignal) => Promise<MintedToken>;

export function createMintToken(
  { http, clock }: Pick<MethodDependencies, 'http' | 'clock'>,
  region: RegionSettings,
): MintToken {
  const scope = `${region.urls['audience']}/.default`;

  return async ({ tenant_id, client_id, client_secret }, signal) => {
    const transport = createTokenTransport({ http, authority: region.urls['authority'] ?? '', signal });
    try {
      // One for each call: a token that it still held would prove nothing.
      const credential = new ClientSecretCredential(tenant_id, client_id, client_secret, {
        authorityHost: transport.authority,
        httpClient: transport.httpClient,
        // The authority is configured; that Microsoft lists it somewhere else adds nothing but another request.
        disableInstanceDiscovery: true,
        // Trying again is the workflow's.
        retryOptions: { maxRetries: 0 },
        redirectOptions: { maxRetries: 0 },
      });
      const { token } = await credential.getToken(scope);
      const reply: unknown = await transport.answer()?.response.json();
      if (!Value.Check(TokenReplySchema, reply)) throw new CallError({ kind: 'no_access_token', refreshToken: null });
      return {
        accessToken: new Secret(token),
        ttlSeconds: usableLifetime(reply.expires_in) ?? DOCUMENTED_TTL_SECONDS,
        scope,
      };
    } catch (error) {
      throw await identityCallError(error, transport, { nowMs: clock.now(), secret: new Secret(client_secret) });
    }
  };
}

/** The library's error is dropped, not wrapped: it holds the request. What the transport received says more. */
async function identityCallError(
  error: unknown,
  transport: TokenTransport,
  { nowMs, secret }: { nowMs: number; secret: Secret<string> },
): Promise<unknown> {
  if (error instanceof CallError) return error;
  const failure = transport.failure();
  if (failure) return failure;
  const answer = transport.answer();
  if (!answer) return new TypeError('The identity library sent nothing.');
  const { to, response } = answer;
  if (response.ok && to === 'token') return new CallError({ kind: 'no_access_token', refreshToken: null });
  const status = await statusFailure(response, nowMs);
  if (isUnavailable(response) || !Value.Check(TokenErrorSchema, status.body)) return new CallError(status);
  const { error: code, error_description } = status.body;
  return new CallError({ kind: 'oauth', error: code, description: quotable(error_description, [secret]) });
}

type HttpClient = NonNullable<ClientSecretCredentialOptions['httpClient']>;
type PipelineRequest = Parameters<HttpClient['sendRequest']>[0];
type PipelineResponse = Awaited<ReturnType<HttpClient['sendRequest']>>;

/** Keeps the last answer as it was received: the library's own errors hold the request, and lose what was answered. */
export interface TokenTransport {
  readonly httpClient: HttpClient;
  /** The authority as the library is to be given it. */
  readonly authority: string;
  /** The last answer, a token's or only the directory's metadata; undefined where there was none. */
  answer(): { readonly to: 'metadata' | 'token'; readonly response: Response } | undefined;
  /** Why there was no answer. */
  failure(): CallError | undefined;
}

/**
 * Sends the requests of @azure/identity by our own HTTP client, which has a deadline and knows whether a request was sent.
 * The library accepts only https authorities; for an http one of this machine, the scheme is put back here.
 */
function createTokenTransport(deps: { http: Http; authority: string; signal: AbortSignal }): TokenTransport {
  const { http, authority, signal } = deps;
  const isClear = authority.startsWith('http:');
  const origin = URL.parse(authority)?.origin ?? '';
  let answer: ReturnType<TokenTransport['answer']>;
  let failure: CallError | undefined;

  const addressOf = (url: string) =>
    isClear && URL.parse(url)?.host === URL.parse(origin)?.host ? url.replace(/^https:/, 'http:') : url;

  async function send(request: PipelineRequest): Promise<Response> {
    try {
      return await calling(request.method === 'POST' ? 'token.issue' : 'metadata.read', () =>
        http(addressOf(request.url), {
          method: request.method,
          headers: request.headers.toJSON(),
          body: typeof request.body === 'string' ? request.body : undefined,
          signal,
        }),
      );
    } catch (error) {
      if (error instanceof CallError) failure = error;
      throw error;
    }
  }

  return {
    authority: authority.replace(/^http:/, 'https:'),
    answer: () => answer,
    failure: () => failure,
    httpClient: {
      async sendRequest(request) {
        answer = undefined;
        const response = await send(request);
        answer = { to: request.method === 'POST' ? 'token' : 'metadata', response };
        const bodyAsText = await response.clone().text();
        return { request, status: response.status, headers: headersOf(response), bodyAsText };
      },
    },
  };
}

/** The library's interface over the platform's. */
function headersOf({ headers }: Response): PipelineResponse['headers'] {
  return {
    get: (name) => headers.get(name) ?? undefined,
    has: (name) => headers.has(name),
    set: (name, value) => headers.set(name, String(value)),
    delete: (name) => headers.delete(name),
    toJSON: () => Object.fromEntries(headers),
    [Symbol.iterator]: () => headers.entries()[Symbol.iterator](),
  };
}
