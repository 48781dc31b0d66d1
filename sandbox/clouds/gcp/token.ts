import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { CloudContext, Reply, Counters } from '../../core/cloud.ts';
import { authenticate } from '../../oauth/clients.ts';
import type { Codes } from '../../oauth/codes.ts';
import { isRefusal } from '../../oauth/errors.ts';
import type { Grant, Grants, TokenPair } from '../../oauth/grants.ts';
import { application, issuer, members, split } from './accounts.ts';
import { redeemAssertion, signed } from './jws.ts';
import type { Keys } from './keys.ts';
import { refusal } from './refusal.ts';
import type { GcpSettings } from './settings.ts';

type Issued = { readonly grant: Grant; readonly tokens: TokenPair };

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** The endpoint's name for the fault script and the counters: by grant, because they fail differently. */
export function tokenEndpointName(form: URLSearchParams): string {
  const names: Readonly<Record<string, string>> = {
    authorization_code: 'token.code',
    refresh_token: 'token.refresh',
    [JWT_BEARER]: 'token.jwt_bearer',
  };
  return names[form.get('grant_type') ?? ''] ?? 'token.unsupported';
}

/** The token endpoint, with Google's own words. */
export function createTokenEndpoint(
  context: CloudContext<GcpSettings>,
  parts: { codes: Codes; grants: Grants; keys: Keys },
): (form: URLSearchParams) => Reply {
  const { codes, grants, keys } = parts;
  const region = 'global';
  const idTokens = createIdTokens(context);

  function redeem(clientId: string, form: URLSearchParams): Issued | Reply {
    const answer = codes.redeem({
      region,
      clientId,
      code: form.get('code') ?? '',
      redirectUri: form.get('redirect_uri') ?? '',
      verifier: form.get('code_verifier'),
    });
    if (!isRefusal(answer)) return answer;
    const { error, reason } = answer;
    return refusal(reason === 'redirect_uri' ? 'redirect_uri_mismatch' : error, 'Bad Request');
  }

  function serve(form: URLSearchParams): Issued | Reply {
    if (form.get('grant_type') === JWT_BEARER) {
      const granted = redeemAssertion(context, keys, form.get('assertion') ?? '');
      return 'status' in granted ? granted : grants.open({ region, ...granted }, { renewable: false });
    }
    const client = authenticate([application], form);
    if (isRefusal(client)) return { ...refusal(client.error, 'Unauthorized'), status: 401 };
    switch (form.get('grant_type')) {
      case 'authorization_code':
        return redeem(client.clientId, form);
      case 'refresh_token': {
        const answer = grants.spend(form.get('refresh_token') ?? '', { clientId: client.clientId, region });
        return isRefusal(answer) ? refusal(answer.error, 'Token has been expired or revoked.') : answer;
      }
      default:
        return refusal('unsupported_grant_type', 'Invalid grant_type');
    }
  }

  return (form) => {
    const outcome = serve(form);
    if ('status' in outcome) return outcome;
    const { grant, tokens } = outcome;
    const isPersons = grant.clientId === application.clientId;
    return {
      status: 200,
      body: {
        ...(!context.settings().omitAccessToken && { access_token: tokens.accessToken }),
        expires_in: Math.max(0, Math.round((tokens.accessExpiresAtMs - context.clock.now()) / 1000)),
        ...(tokens.refreshToken !== null && { refresh_token: tokens.refreshToken, ...refreshTokenLifetime(context) }),
        ...(isPersons && { scope: grant.scope }),
        token_type: 'Bearer',
        ...(isPersons && split(grant.scope).includes('openid') && { id_token: idTokens(grant) }),
      },
    };
  };
}

/** Google says it only where there is an end. */
function refreshTokenLifetime({ settings }: CloudContext<GcpSettings>) {
  const { refreshTokenLifetimeSeconds: seconds } = settings();
  return seconds !== null && { refresh_token_expires_in: seconds - 1 };
}

/** OpenID Connect Core, 2. The key pair is made with the first token; its public key is not published. */
function createIdTokens({ clock }: CloudContext<GcpSettings>): (grant: Grant) => string {
  let key: KeyObject | undefined;
  return ({ account, clientId }) => {
    key ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const now = Math.floor(clock.now() / 1000);
    const member = members.find(({ id }) => id === account);
    const claims = { iss: issuer, azp: clientId, aud: clientId, sub: account, iat: now, exp: now + 3600 };
    return signed({ ...claims, ...(member && { email: member.email, email_verified: true }) }, key);
  };
}

/**
 * Google's revocation endpoint, which differs from RFC 7009: no client authentication, either token revokes the whole
 * grant, and an unknown token is an error.
 */
export function revokeReply(grants: Grants, counters: Counters, token: string): Reply {
  const grant = grants.of(token);
  if (!grant || grant.revokedAtMs !== null) return refusal('invalid_token', 'Token expired or revoked');
  if (grant.clientId !== application.clientId) return refusal('invalid_request', 'Token is not revocable.');
  grants.revokeGrant(grant.id);
  counters.add('revocations');
  return { status: 200, body: {} };
}
