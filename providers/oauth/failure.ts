import * as oauth from 'oauth4webapi';

import { plainText } from '../../contracts/plain-text.ts';
import { Secret } from '../../platform/secret.ts';
import { CallError, statusFailure, type CallFailure } from '../http/call-error.ts';

export interface CallFacts {
  /** Undefined when the request never got as far as an answer. */
  readonly response: Response | undefined;
  readonly nowMs: number;
  /** What was sent, so that a cloud that echoes it does not put it into a message. */
  readonly secrets: readonly Secret<string>[];
}

/**
 * Says what an oauth4webapi error means. Its errors are dropped, not wrapped: their causes hold the reply, and with
 * it tokens.
 */
export async function oauthCallError(error: unknown, facts: CallFacts): Promise<CallError> {
  if (error instanceof CallError) return error;
  const { response, nowMs } = facts;
  if (!response) return new CallError(unsent(error));
  return new CallError(oauthFailure(error, facts) ?? (await statusFailure(response, nowMs)));
}

/** The library would not even send it: the URL is not one for credentials, or the callback not of this server. */
function unsent(error: unknown): CallFailure {
  if (!(error instanceof oauth.OperationProcessingError)) throw error;
  return error.code === oauth.INVALID_RESPONSE
    ? { kind: 'oauth', error: 'invalid_callback', description: error.message }
    : { kind: 'insecure_url', url: error.cause instanceof URL ? error.cause.origin : 'the configured one' };
}

function oauthFailure(error: unknown, { response, secrets }: CallFacts): CallFailure | undefined {
  if (error instanceof oauth.ResponseBodyError) {
    return { kind: 'oauth', error: error.error, description: quotable(error.error_description, secrets) };
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    // RFC 6749, 5.2: a 401 of the token endpoint is about the client's authentication, whatever the scheme says.
    const named = error.cause.find(({ parameters }) => parameters.error !== undefined)?.parameters.error;
    return { kind: 'oauth', error: named ?? 'invalid_client', description: null };
  }
  const body = bodyOf(error);
  if (response?.ok && body && typeof body['access_token'] !== 'string') {
    const refreshToken = body['refresh_token'];
    return {
      kind: 'no_access_token',
      refreshToken: typeof refreshToken === 'string' && refreshToken !== '' ? new Secret(refreshToken) : null,
    };
  }
  return undefined;
}

function bodyOf(error: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!(error instanceof oauth.OperationProcessingError) || error.code !== oauth.INVALID_RESPONSE) return undefined;
  const { body } = (error.cause ?? {}) as { body?: unknown };
  return body instanceof Object ? (body as Record<string, unknown>) : undefined;
}

const MAX_QUOTE = 200;

/** The cloud's own words, as far as they can be shown: short, printable, and nothing of what we sent. */
export function quotable(text: string | undefined, secrets: readonly Secret<string>[]): string | null {
  if (text === undefined) return null;
  let shown = text;
  for (const secret of secrets) shown = shown.replaceAll(secret.reveal(), '[redacted]');
  return plainText(shown, MAX_QUOTE) || null;
}
