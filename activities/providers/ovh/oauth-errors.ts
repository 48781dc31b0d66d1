import type { CallFailure } from '../call-error.ts';
import type { Verdict } from '../classify.ts';
import type { RegionManifest } from '../manifest-types.ts';
import type { Operation } from './errors.ts';

/** The words that OVHcloud's users know from other tools; they search for them. */
const titles: Readonly<Record<Operation, string>> = {
  exchange: 'Token exchange failed',
  refresh: 'Token refresh failed',
  revoke: 'Token revocation failed',
  prove: 'The call failed',
};

interface Reading {
  readonly class: Verdict['class'];
  readonly cause: string;
  readonly remedy: string;
}

/** An OAuth error reply (RFC 6749, 5.2), with its cause at OVHcloud and what to do about it. */
export function judgeOAuth(
  { error, description }: Extract<CallFailure, { kind: 'oauth' }>,
  operation: Operation,
  region: RegionManifest,
): Verdict {
  const reading = read(error, operation, region);
  const words = description === null ? '' : ` OVHcloud says: "${description}".`;
  return {
    class: reading.class,
    problem: {
      code: error,
      message: `${titles[operation]}: ${error}. ${reading.cause}${words}`,
      remedy: reading.remedy,
    },
  };
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
      return {
        class: 'transient',
        cause: 'OVHcloud has a problem of its own.',
        remedy: 'It is tried again by itself.',
      };
    default:
      // Anybody can bring a senseless code to the callback, so this must not look like an operator's mistake.
      return {
        class: 'user',
        cause: 'OVHcloud refused the request.',
        remedy: 'Sign in again; if it persists, give OVHcloud support this message.',
      };
  }
}

const usedCode = (redirectVariable: string): Reading => ({
  class: 'user',
  cause:
    'The authorization code was used already (codes are single use; the callback page was reloaded), has expired, or was not meant for this redirect_uri.',
  remedy: `Open the invitation link again and sign in once more. If it fails each time, compare ${redirectVariable} with the callback URL of the application: to the letter, trailing slash included.`,
});

const withdrawnGrant: Reading = {
  class: 'revoked',
  cause: 'The access was withdrawn in the OVHcloud control panel, or the refresh token has expired.',
  remedy: 'Re-authorise the connection: POST /v1/connections/{id}/reauthorize, then open the new link.',
};
