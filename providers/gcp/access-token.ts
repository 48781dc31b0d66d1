import { JWT } from 'google-auth-library';
import * as oauth from 'oauth4webapi';

import type { Clock } from '../../platform/clock.ts';
import { Secret } from '../../platform/secret.ts';
import { CallError } from '../http/call-error.ts';
import type { Http } from '../http/http.ts';
import { toCallError } from '../oauth/failure.ts';
import { isUnavailable, statusFailure } from '../http/status-failure.ts';
import { lenientTokenReply } from '../oauth/token-reply.ts';
import type { ServiceAccountKey } from './service-account-key.ts';

/** An assertion that Google would call short-lived; it counts for one request. */
const ASSERTION_SECONDS = 3600;

export interface MintedToken {
  readonly accessToken: Secret<string>;
  /** `expires_in` in whole seconds; null where it was left out or makes no sense. */
  readonly ttlSeconds: number | null;
}

/**
 * Exchanges a key's assertion for an access token (RFC 7523, 2.1). google-auth-library makes and signs the assertion;
 * it is sent through our own door, to the configured URL, once: the library would send it to an address of its own and
 * retry by itself. Throws {@link CallError} and nothing else.
 */
export async function mintAccessToken(
  deps: { http: Http; clock: Clock; tokenUrl: string; scopes: readonly string[] },
  key: ServiceAccountKey,
  signal: AbortSignal,
): Promise<MintedToken> {
  const { http, clock, tokenUrl, scopes } = deps;
  let response: Response | undefined;
  try {
    response = await sendAssertion();
    if (isUnavailable(response)) throw new CallError(await statusFailure(response, clock.now()));
    const server = { issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl };
    const client = { client_id: key.clientEmail };
    const { access_token, expires_in } = await oauth.processGenericTokenEndpointResponse(
      server,
      client,
      await lenientTokenReply(response),
    );
    return { accessToken: new Secret(access_token), ttlSeconds: expires_in ?? null };
  } catch (error) {
    throw await toCallError(error, { response, nowMs: clock.now(), secrets: [key.privateKey] });
  }

  async function sendAssertion(): Promise<Response> {
    let outcome: Promise<Response> | undefined;
    const issuedAt = Math.floor(clock.now() / 1000);
    const library = new JWT({
      email: key.clientEmail,
      key: key.privateKey.reveal(),
      scopes: [...scopes],
      additionalClaims: { aud: tokenUrl, iat: issuedAt, exp: issuedAt + ASSERTION_SECONDS },
      // Its own interceptors write requests and replies to a debug log.
      useAuthRequestParameters: false,
      transporterOptions: {
        retryConfig: { retry: 0, noResponseRetries: 0 },
        fetchImplementation: async (_address, init) => {
          outcome = http(tokenUrl, {
            method: 'POST',
            headers: { accept: 'application/json' },
            body: init?.body as URLSearchParams,
            signal,
          });
          return (await outcome).clone();
        },
      },
    });
    // What the library makes of the answer is not looked at: its errors hold the assertion.
    await library.authorize().catch(() => undefined);
    if (!outcome) throw new Error('google-auth-library sent no assertion.');
    return await outcome;
  }
}
