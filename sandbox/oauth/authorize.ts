import type { Reply, SandboxRequest } from '../core/cloud.ts';
import { isChallenge } from './codes.ts';

/** Whether the browser may be sent there: a redirect to any other address would not be safe (RFC 6749, 4.1.2.1). */
export const isRegistered = (redirectUri: string, registered: readonly string[] | null): boolean =>
  URL.canParse(redirectUri) && (registered === null || registered.includes(redirectUri));

/**
 * Sends the browser back to the application with an answer (RFC 6749, 4.1.2), the state that it brought, and the issuer
 * (RFC 9207) where there is one.
 */
export function redirectBack(query: URLSearchParams, answer: Record<string, string>, issuer: string | null): Reply {
  const target = new URL(query.get('redirect_uri') ?? '');
  const state = query.get('state');
  const parameters = { ...answer, ...(state !== null && { state }), ...(issuer !== null && { iss: issuer }) };
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  // 303, so that the browser does not post the decision on to the application.
  return { status: 303, headers: { location: target.href } };
}

/** What is wrong with the PKCE parameters of a sign-in (RFC 7636, 4.3); undefined where nothing is. */
export function challengeFault(query: URLSearchParams, isRequired: boolean): string | undefined {
  const challenge = query.get('code_challenge');
  if (challenge === null) return isRequired ? 'code_challenge is missing' : undefined;
  if (query.get('code_challenge_method') !== 'S256') return 'code_challenge_method must be "S256"';
  return isChallenge(challenge) ? undefined : 'code_challenge is malformed';
}

/** The access token of a request (RFC 6750, 2.1); undefined where it has none. */
export const bearerTokenOf = ({ headers }: Pick<SandboxRequest, 'headers'>): string | undefined =>
  /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
