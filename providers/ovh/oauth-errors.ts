import type { RegionManifest } from '../manifests/types.ts';
import type { Verdict } from '../http/classify.ts';
import { codeUsed, oauthVerdict, ownProblem, titles, type OAuthError, type Reading } from '../oauth/classifier.ts';
import type { Operation } from './errors.ts';

/** An OAuth error reply (RFC 6749, 5.2), with its cause at OVHcloud and what to do about it. */
export function judgeOAuth({ error, description }: OAuthError, operation: Operation, region: RegionManifest): Verdict {
  const title = operation === 'prove' ? titles.call : titles[operation];
  const quote = description === null ? '' : ` OVHcloud says: "${description}".`;
  return oauthVerdict(read(error, operation, region), { error, title, quote });
}

function read(error: string, operation: Operation, region: RegionManifest): Reading {
  const variable = (role: string) => region.settings[role]?.names[0] ?? role;
  switch (error) {
    case 'invalid_grant':
      return operation === 'exchange' ? usedCode(variable('redirectUri')) : withdrawnGrant;
    case 'invalid_client':
      return {
        class: 'config',
        cause: `OVHcloud does not know the OAuth2 application of ${region.id}, or its secret is wrong.`,
        remedy: `Compare ${variable('clientId')} and ${variable('clientSecret')} with the application at ${region.id}: each region has an application of its own.`,
      };
    case 'unauthorized_client':
    case 'unsupported_grant_type':
      return {
        class: 'config',
        cause: `The OAuth2 application of ${region.id} is not of the AUTHORIZATION_CODE flow.`,
        remedy: `Make one with POST /me/api/oauth2/client and flow AUTHORIZATION_CODE, and set ${variable('clientId')} and ${variable('clientSecret')}.`,
      };
    case 'invalid_scope':
      return {
        class: 'config',
        cause: 'OVHcloud does not give the application the scope "all".',
        remedy: `Check the OAuth2 application of ${region.id}.`,
      };
    case 'invalid_callback':
      return {
        class: 'user',
        cause: 'The answer that the browser brought is not from the OVHcloud region that it was sent to.',
        remedy: 'Open the invitation link again and sign in once more.',
      };
    case 'server_error':
    case 'temporarily_unavailable':
      return ownProblem('OVHcloud');
    default:
      // Anybody can bring a senseless code to the callback, so this must not look like an operator's mistake.
      return {
        class: 'user',
        cause: 'OVHcloud refused the request.',
        remedy: 'Sign in again; if it persists, give OVHcloud support this message.',
      };
  }
}

const usedCode = (redirectVariable: string): Reading =>
  codeUsed(
    `Open the invitation link again and sign in once more. If it fails each time, compare ${redirectVariable} with the callback URL of the application: to the letter, trailing slash included.`,
  );

const withdrawnGrant: Reading = {
  class: 'revoked',
  cause: 'The access was withdrawn in the OVHcloud control panel, or the refresh token has expired.',
  remedy: 'Re-authorise the connection: POST /v1/connections/{id}/reauthorize, then open the new link.',
};
