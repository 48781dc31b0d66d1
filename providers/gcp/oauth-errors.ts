import type { Verdict } from '../http/classify.ts';
import { codeUsed, oauthVerdict, ownProblem, titles, type OAuthError, type Reading } from '../oauth/reading.ts';
import type { Circumstances, Operation } from './errors.ts';

/** An OAuth error reply (RFC 6749, 5.2) to what a person's sign-in led to, with its cause at Google. */
export function judgeOAuth(
  { error, description }: OAuthError,
  operation: Exclude<Operation, 'mint'>,
  circumstances: Circumstances,
): Verdict {
  const title = operation === 'look' ? titles.call : titles[operation];
  const reading = read(error, description ?? '', operation, circumstances);
  return oauthVerdict(reading, { error, title, quote: quote(description) });
}

/** "Bad Request" is what Google says where it says nothing. */
export const quote = (description: string | null): string =>
  description === null || description === 'Bad Request' ? '' : ` Google says: "${description}".`;

function read(error: string, description: string, operation: Operation, circumstances: Circumstances): Reading {
  const { region, redirectUri = 'the redirect URI' } = circumstances;
  const variable = (role: string) => region.manifest.settings[role]?.names[0] ?? role;
  switch (error) {
    case 'invalid_grant':
      return operation === 'exchange' ? usedCode(redirectUri) : deadGrant(description);
    case 'redirect_uri_mismatch':
      return {
        class: 'config',
        cause: `The redirect URI ${redirectUri} is not registered with the OAuth client.`,
        remedy: `In the Google Cloud console (APIs & Services, Credentials, the OAuth client) add exactly ${redirectUri} to the authorized redirect URIs: to the letter, scheme, port and trailing slash included. It follows from PUBLIC_URL unless ${variable('redirectUri')} is set. Then sign in again.`,
      };
    case 'invalid_client':
    case 'deleted_client':
    case 'disabled_client':
      return {
        class: 'config',
        cause: 'Google does not know the OAuth client (any more), or its secret is wrong.',
        remedy: `Compare ${variable('clientId')} and ${variable('clientSecret')} with the OAuth client in the Google Cloud console.`,
      };
    case 'unauthorized_client':
    case 'unsupported_grant_type':
      return {
        class: 'config',
        cause: 'The OAuth client is not a web application, or the refresh token was given to another client.',
        remedy: `Use a client of the type web application. If ${variable('clientId')} was changed, set the former one again, or re-authorise each connection.`,
      };
    case 'invalid_scope':
      return {
        class: 'config',
        cause: 'Google does not give the OAuth client a scope that was asked for.',
        remedy: 'Add the scopes of this method to the OAuth consent screen (Google Auth Platform, Data access).',
      };
    case 'admin_policy_enforced':
    case 'access_denied':
    case 'org_internal':
      return {
        class: 'user',
        cause: "The policy of the account's organisation does not allow this application.",
        remedy:
          'Ask a Google Workspace administrator to trust the client ID of Mooring (Security, API controls), then sign in again.',
      };
    case 'invalid_callback':
      return {
        class: 'user',
        cause: 'The answer that the browser brought is not from Google.',
        remedy: 'Open the invitation link again and sign in once more.',
      };
    case 'server_error':
    case 'internal_failure':
    case 'temporarily_unavailable':
      return ownProblem('Google');
    default:
      // Anybody can bring a senseless code to the callback, so this must not look like an operator's mistake.
      return {
        class: 'user',
        cause: 'Google refused the request.',
        remedy: 'Sign in again; if it persists, look the error up in the documents of Google Identity.',
      };
  }
}

const usedCode = (redirectUri: string): Reading =>
  codeUsed(
    `Open the invitation link again and sign in once more. If it fails each time, compare the redirect URIs of the OAuth client with ${redirectUri}: to the letter, trailing slash included.`,
  );

/** Google gives one answer to all of these; only the policy on the length of sessions has a name of its own. */
const deadGrant = (description: string): Reading =>
  /rapt/i.test(description)
    ? {
        class: 'revoked',
        cause: "The organisation's policy on Google Cloud sessions demands that its users sign in again.",
        remedy:
          'Re-authorise the connection: POST /v1/connections/{id}/reauthorize, then open the new link. To keep it, an administrator exempts the application (Security, Google Cloud session control), or use a service account.',
      }
    : {
        class: 'revoked',
        cause:
          'The refresh token is no longer good. Google ends one 7 days after the sign-in while the OAuth consent screen is in Testing; when it was unused for 6 months; when the user withdraws the access; and when the same user signs in so often that the cap for one OAuth client (100 refresh tokens) is passed.',
        remedy:
          'Re-authorise the connection: POST /v1/connections/{id}/reauthorize, then open the new link. If it happens every 7 days, the operator sets the publishing status to "In production" (Google Auth Platform, Audience) first.',
      };
