import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';

import type { Clock } from '../../platform/clock.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { calling } from '../http/call-watch.ts';
import { CallError, isUnavailable, statusFailure } from '../http/call-error.ts';
import { isLoopbackHttp, type Http } from '../http/http.ts';
import { oauthCallError } from './failure.ts';
import { lenientTokenReply } from './token-reply.ts';

/** An authorization server and the application that is registered with it. */
export interface OAuthServer {
  /** What an `iss` parameter must be equal to (RFC 9207). */
  readonly issuer: string;
  /** It names itself in each answer, so that one without an `iss` is not its own (RFC 9207, 2.4). */
  readonly namesItself?: boolean;
  readonly tokenUrl: string;
  /** Absent where the server revokes nothing on request. */
  readonly revokeUrl?: string;
  /** `bearer`: holding the token is enough, and nothing of ours is sent along (RFC 7009, 2.1 wants `client`). */
  readonly revokesBy?: 'client' | 'bearer';
  /** The issuer of an ID token, by what the token says (its tenant). Left out: ID tokens are not read. */
  readonly idTokenIssuer?: (claims: Readonly<Record<string, unknown>>) => string;
  readonly clientId: string;
  readonly clientSecret: Secret<string>;
}

export interface OAuthTokens {
  readonly accessToken: Secret<string>;
  readonly refreshToken: Secret<string> | null;
  /** `expires_in` in whole seconds; null where it was left out or makes no sense. */
  readonly ttlSeconds: number | null;
  /** How long there will be something to refresh with, where the server says (`refresh_token_expires_in`). */
  readonly refreshTtlSeconds: number | null;
  /** Null where the reply names none: those that were asked for (RFC 6749, 5.1). */
  readonly scopes: readonly string[] | null;
  /** What a checked ID token says (OpenID Connect Core, 2); null where none came, or the server is read for none. */
  readonly idClaims: Readonly<Record<string, unknown>> | null;
  /** What else the reply has, which RFC 6749 does not define: whose the token is, for example. */
  readonly others: Secret<JsonObject>;
}

/** The client's side of OAuth 2.0, by oauth4webapi. Every call throws {@link CallError} and nothing else. */
export interface OAuthClient {
  exchange(request: {
    code: Secret<string>;
    verifier: Secret<string>;
    redirectUri: string;
    iss: string | null;
    signal: AbortSignal;
  }): Promise<OAuthTokens>;
  /** `scopes`, where a server wants them repeated (RFC 6749, 6). */
  refresh(refreshToken: Secret<string>, signal: AbortSignal, scopes?: readonly string[]): Promise<OAuthTokens>;
  /** A token for the client itself (RFC 6749, 4.4). */
  clientCredentials(scopes: readonly string[], signal: AbortSignal): Promise<OAuthTokens>;
  /** RFC 7009. A token that is no longer good counts as revoked. */
  revoke(token: Secret<string>, hint: 'access_token' | 'refresh_token', signal: AbortSignal): Promise<void>;
}

export function createOAuthClient(deps: { server: OAuthServer; http: Http; clock: Clock }): OAuthClient {
  const { server, http, clock } = deps;
  const as: oauth.AuthorizationServer = {
    issuer: server.issuer,
    token_endpoint: server.tokenUrl,
    authorization_response_iss_parameter_supported: server.namesItself ?? false,
    ...(server.revokeUrl !== undefined && { revocation_endpoint: server.revokeUrl }),
  };
  const client: oauth.Client = { client_id: server.clientId };
  const authentication = oauth.ClientSecretPost(server.clientSecret.reveal());
  const options = (url: string, signal: AbortSignal) => ({
    signal,
    [oauth.allowInsecureRequests]: isLoopbackHttp(url),
    [oauth.customFetch]: (target: string, { method, headers, body, signal: given }: Parameters<Fetch>[1]) =>
      http(target, { method, headers, body, signal: given }),
  });

  /** The server as an ID token must name it; that it does, and is meant for us, the library checks. */
  async function issuerOf(response: Response): Promise<oauth.AuthorizationServer> {
    const { idTokenIssuer } = server;
    const idToken = idTokenIssuer && response.ok ? await idTokenIn(response.clone()) : undefined;
    return idTokenIssuer && idToken ? { ...as, issuer: idTokenIssuer(idToken) } : as;
  }

  /** Sends, then reads the answer. An error of either becomes a {@link CallError}. */
  async function call<T>(
    operation: `token.${string}`,
    sent: Secret<string>[],
    send: () => Promise<Response>,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    let response: Response | undefined;
    try {
      response = await calling(operation, send);
      // The library reads an error of these as a malformed reply, and the time to come back would be lost.
      if (isUnavailable(response)) throw new CallError(await statusFailure(response, clock.now()));
      return await read(response);
    } catch (error) {
      throw await oauthCallError(error, { response, nowMs: clock.now(), secrets: [...sent, server.clientSecret] });
    }
  }

  return {
    exchange: ({ code, verifier, redirectUri, iss, signal }) =>
      call(
        'token.exchange',
        [code, verifier],
        async () => {
          const callback = new URLSearchParams({ code: code.reveal(), ...(iss !== null && { iss }) });
          // The state was consumed where the callback arrived; what is left to check here is who answered.
          const checked = oauth.validateAuthResponse(as, client, callback, oauth.expectNoState);
          return oauth.authorizationCodeGrantRequest(
            as,
            client,
            authentication,
            checked,
            redirectUri,
            verifier.reveal(),
            options(server.tokenUrl, signal),
          );
        },
        async (response) =>
          tokensOf(
            await oauth.processAuthorizationCodeResponse(
              await issuerOf(response),
              client,
              await lenientTokenReply(response, { readsIdToken: server.idTokenIssuer !== undefined }),
            ),
          ),
      ),

    refresh: (refreshToken, signal, scopes) =>
      call(
        'token.refresh',
        [refreshToken],
        () =>
          oauth.refreshTokenGrantRequest(as, client, authentication, refreshToken.reveal(), {
            ...options(server.tokenUrl, signal),
            ...(scopes && { additionalParameters: { scope: scopes.join(' ') } }),
          }),
        async (response) =>
          tokensOf(await oauth.processRefreshTokenResponse(as, client, await withoutIdToken(response))),
      ),

    clientCredentials: (scopes, signal) =>
      call(
        'token.issue',
        [],
        () =>
          oauth.clientCredentialsGrantRequest(
            as,
            client,
            authentication,
            { scope: scopes.join(' ') },
            options(server.tokenUrl, signal),
          ),
        async (response) =>
          tokensOf(await oauth.processClientCredentialsResponse(as, client, await withoutIdToken(response))),
      ),

    revoke: (token, hint, signal) =>
      call(
        'token.revoke',
        [token],
        () =>
          oauth.revocationRequest(
            as,
            client,
            server.revokesBy === 'bearer' ? unauthenticated : authentication,
            token.reveal(),
            {
              ...options(server.revokeUrl ?? '', signal),
              additionalParameters: { token_type_hint: hint },
            },
          ),
        async (response) => {
          if (!response.ok) await oauth.processRevocationResponse(response);
        },
      ).catch((error: unknown) => {
        const failure = error instanceof CallError ? error.failure : undefined;
        const gone = failure?.kind === 'oauth' && ['invalid_grant', 'invalid_token'].includes(failure.error);
        if (!gone) throw error;
      }),
  };
}

const withoutIdToken = async (response: Response): Promise<Response> =>
  await lenientTokenReply(response, { readsIdToken: false });

const unauthenticated: oauth.ClientAuth = () => undefined;

type Fetch = NonNullable<oauth.TokenEndpointRequestOptions[typeof oauth.customFetch]>;

/** Unchecked. Undefined where there is none that can be read: the library says why. */
async function idTokenIn(response: Response): Promise<Readonly<Record<string, unknown>> | undefined> {
  const reply = (await response.json().catch(() => null)) as { id_token?: unknown } | null;
  return typeof reply?.id_token === 'string' ? claimsOf(reply.id_token) : undefined;
}

function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}

function tokensOf(reply: oauth.TokenEndpointResponse): OAuthTokens {
  const {
    access_token,
    refresh_token,
    expires_in,
    scope,
    refresh_token_expires_in,
    token_type: _,
    id_token: __,
    ...others
  } = reply;
  return {
    accessToken: new Secret(access_token),
    refreshToken: refresh_token === undefined ? null : new Secret(refresh_token),
    ttlSeconds: expires_in ?? null,
    refreshTtlSeconds: typeof refresh_token_expires_in === 'number' ? refresh_token_expires_in : null,
    scopes: scope === undefined ? null : scope.split(' ').filter((each) => each !== ''),
    idClaims: oauth.getValidatedIdTokenClaims(reply) ?? null,
    others: new Secret(others as JsonObject),
  };
}
