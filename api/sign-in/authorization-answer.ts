import {
  AuthorizationResponseError,
  OperationProcessingError,
  UnsupportedOperationError,
  validateAuthResponse,
} from 'oauth4webapi';
import { issuerOf } from './authorize-url.ts';
import type { RedirectWay } from '../connections/provider-catalog.ts';
import { signInProblems } from './sign-in-problems.ts';

const ERROR_CODE = /^[a-z_]{1,64}$/;
const DESCRIPTION_LENGTH = 300;

export type AuthorizationAnswer =
  | { readonly kind: 'code'; readonly code: string; readonly iss: string | null }
  | { readonly kind: 'error'; readonly error: string; readonly description: string | null };

/** Reads the cloud's redirect (RFC 6749, 4.1.2; `iss` as RFC 9207 has it). Throws `ApiProblem` for one that doesn't fit. */
export function authorizationAnswer(way: RedirectWay, query: URLSearchParams, state: string): AuthorizationAnswer {
  const server = { issuer: issuerOf(way) };
  const client = { client_id: way.region.values['clientId'] ?? '' };
  try {
    const answer = validateAuthResponse(server, client, query, state);
    const code = answer.get('code');
    if (code === null || code === '') throw signInProblems.missingParameter();
    return { kind: 'code', code, iss: answer.get('iss') };
  } catch (error) {
    if (error instanceof AuthorizationResponseError) {
      return {
        kind: 'error',
        error: ERROR_CODE.test(error.error) ? error.error : 'unknown_error',
        description: error.error_description?.slice(0, DESCRIPTION_LENGTH) ?? null,
      };
    }
    if (error instanceof OperationProcessingError || error instanceof UnsupportedOperationError) {
      throw signInProblems.invalidAnswer(error);
    }
    throw error;
  }
}
