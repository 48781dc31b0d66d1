import type { CallFailure } from '../../http/call-error.ts';
import type { Verdict } from '../../http/classify.ts';
import { codeUsed, oauthVerdict, ownProblem, titles, type OAuthError, type Reading } from '../../oauth/classifier.ts';
import type { Operation, Situation } from '../errors.ts';

/** An OAuth error reply (RFC 6749, 5.2) to what a person's sign-in led to, with its cause at Google. */
export function judgeOAuth(
  { error, description }: OAuthError,
  operation: Exclude<Operation, 'mint'>,
  situation: Situation,
): Verdict {
  const title = operation === 'prove' ? titles.call : titles[operation];
  const reading = read(error, description ?? '', operation, situation);
  return oauthVerdict(reading, { error, title, quote: quote(description) });
}

/** "Bad Request" is what Google says where it says nothing. */
const quote = (description: string | null): string =>
  description === null || description === 'Bad Request' ? '' : ` Google says: "${description}".`;

function read(error: string, description: string, operation: Operation, situation: Situation): Reading {
  const { region, redirectUri = 'the redirect URI' } = situation;
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
      // The callback takes codes from the internet: an unknown error must not look like an operator's mistake.
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

/** An OAuth error reply to the assertion of a service account (RFC 7523, 3.1), with its cause at Google. */
export function judgeAssertion(
  { error, description }: Extract<CallFailure, { kind: 'oauth' }>,
  { key, hasWorked = false, region }: Situation,
): Verdict {
  const said = description ?? '';
  const who = key?.clientEmail ?? 'the service account';
  const words = `Google refused the key of ${who}: ${error}.`;
  if (['server_error', 'internal_failure', 'temporarily_unavailable'].includes(error)) {
    const remedy = 'Nothing to do: it is tried again by itself.';
    return { class: 'transient', problem: { code: error, message: `${words}${quote(description)}`, remedy } };
  }
  if (/short-lived|reasonable timeframe|iat and exp/i.test(said)) {
    return {
      class: 'config',
      problem: {
        code: 'clock_skew',
        message: `${words} The clock of the machine that Mooring runs on is off.${quote(description)}`,
        remedy: 'Set that clock (NTP).',
      },
    };
  }
  if (error !== 'invalid_grant' || /disabled/i.test(said)) {
    return {
      class: 'user',
      problem: {
        code: 'service_account_refused',
        message: `${words} It may not get tokens: it is disabled, or a policy of the organisation forbids it.${quote(description)}`,
        remedy:
          'Enable the service account in IAM, or ask an administrator of the organisation; then submit the key again.',
      },
    };
  }
  const link = `${region.values['consoleUrl'] ?? ''}/iam-admin/serviceaccounts`;
  return hasWorked
    ? {
        class: 'revoked',
        problem: {
          code: 'key_withdrawn',
          message: `${words} The key was deleted or has expired, or its service account was deleted.${quote(description)}`,
          remedy:
            'Make a new key in IAM, and re-authorise the connection with it: POST /v1/connections/{id}/reauthorize. If you meant to end the access, disconnect.',
          link,
        },
      }
    : {
        class: 'transient',
        problem: {
          code: 'key_not_known',
          message: `${words} Either the key is new, which takes from seconds to several minutes to be known everywhere, or it was deleted or has expired, or its service account was deleted: Google answers all of these alike.${quote(description)}`,
          remedy:
            'Wait some minutes after making the key: it is tried again by itself. If it goes on, compare the key ID with the keys of the service account in IAM, make a new key, and submit that one.',
          link,
        },
      };
}
