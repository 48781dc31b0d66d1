import { createPublicKey, generateKeyPairSync, sign, type JsonWebKey } from 'node:crypto';
import type { CloudContext, Reply } from '../../core/cloud.ts';
import type { Codes } from '../../oauth/codes.ts';
import { isRefusal, type Refusal } from '../../oauth/errors.ts';
import type { Grant, Grants, TokenPair } from '../../oauth/grants.ts';
import type { AzureCloud, AzureSettings } from './settings.ts';
import { findTenant, findUser, type User } from './directory.ts';
import { badSecret, entraError, noSuchApplication, noSuchTenant, oldSecret, refusalOf } from './entra-errors.ts';
import type { Principals } from './principals.ts';
import type { Clock } from '../../../platform/clock.ts';

type Issued = { readonly grant: Grant; readonly tokens: TokenPair };

export interface TokenCall {
  readonly cloud: AzureCloud;
  readonly tenant: string;
  readonly form: URLSearchParams;
  /** What the issuers of ID tokens begin with. */
  readonly authority: string;
}

/** `…/{tenant}/oauth2/v2.0/token`: people's codes and refresh tokens, and applications that act for themselves. */
export function createTokenEndpoint(
  context: CloudContext<AzureSettings>,
  parts: { codes: Codes; grants: Grants; principals: Principals; idTokens: IdTokens },
): (call: TokenCall) => Reply {
  const { clock, settings } = context;
  const { codes, grants, principals, idTokens } = parts;

  function forPeople({ cloud, form, authority }: TokenCall): Reply {
    const { application } = cloud;
    const clientId = form.get('client_id') ?? '';
    if (clientId !== application.clientId) return noSuchApplication(clientId);
    if (form.get('client_secret') !== application.clientSecret) return badSecret(clientId);
    const issued: Issued | Refusal =
      form.get('grant_type') === 'refresh_token'
        ? grants.spend(form.get('refresh_token') ?? '', { clientId, region: cloud.id })
        : codes.redeem({
            region: cloud.id,
            clientId,
            code: form.get('code') ?? '',
            redirectUri: form.get('redirect_uri') ?? '',
            verifier: form.get('code_verifier'),
          });
    if (isRefusal(issued)) return refusalOf(issued);
    const user = findUser(issued.grant.account);
    const named = user && issued.grant.scope.split(' ').includes('openid');
    return reply(issued, {
      ...(named && {
        id_token: idTokens.mint({ issuer: `${authority}/${user.tenantId}/v2.0`, clientId, user }),
      }),
    });
  }

  function forApplications({ cloud, tenant, form }: TokenCall): Reply {
    const clientId = form.get('client_id') ?? '';
    const spread = clock.now() - settings().applicationPropagationSeconds * 1000;
    const principal = principals.find(cloud, clientId);
    if (principal?.tenantId !== tenant.toLowerCase() || principal.createdAt > spread)
      return noSuchApplication(clientId);
    const { secret } = principal;
    if (!secret || secret.value !== form.get('client_secret') || secret.createdAt > spread) return badSecret(clientId);
    if (secret.expiresAt !== null && secret.expiresAt <= clock.now()) return oldSecret(clientId);
    const scope = form.get('scope') ?? '';
    if (!scope.split(' ').includes(`${cloud.audience}/.default`)) {
      return entraError(
        'invalid_resource',
        500011,
        `The resource principal named ${scope} was not found in the tenant.`,
      );
    }
    const terms = { region: cloud.id, clientId: principal.clientId, account: null, scope };
    return reply(grants.open(terms, { renewable: false }));
  }

  function reply({ grant, tokens }: Issued, more: object = {}): Reply {
    const seconds = Math.max(0, Math.round((tokens.accessExpiresAtMs - clock.now()) / 1000));
    const resource = grant.scope.split(' ').filter((scope) => scope.startsWith('https:'));
    return {
      status: 200,
      body: {
        token_type: 'Bearer',
        ...(grant.account !== null && { scope: resource.join(' ') }),
        expires_in: seconds,
        ext_expires_in: seconds,
        ...(!settings().omitAccessToken && { access_token: tokens.accessToken }),
        ...(tokens.refreshToken !== null && { refresh_token: tokens.refreshToken }),
        ...more,
      },
    };
  }

  return (call) => {
    if (!isAnyTenant(call.tenant) && !findTenant(call.tenant)) return noSuchTenant(call.tenant);
    switch (call.form.get('grant_type')) {
      case 'authorization_code':
      case 'refresh_token':
        return forPeople(call);
      case 'client_credentials':
        return forApplications(call);
      default:
        return entraError('unsupported_grant_type', 70003, 'The app requested an unsupported grant type.');
    }
  };
}

/** Work accounts of every directory; `common` would also let private ones in. */
export const isAnyTenant = (tenant: string): boolean => tenant === 'organizations' || tenant === 'common';

const KEY_ID = 'sandbox-azure';

/** Signs ID tokens (OpenID Connect Core, 2). The key is made when first needed, and lives as long as the process. */
export interface IdTokens {
  mint(claims: { issuer: string; clientId: string; user: User }): string;
  jwks(): { keys: JsonWebKey[] };
}

export function createIdTokens(clock: Clock): IdTokens {
  let pair: ReturnType<typeof makePair> | undefined;
  const key = () => (pair ??= makePair());
  return {
    mint({ issuer, clientId, user }) {
      const issuedAt = Math.floor(clock.now() / 1000);
      const header = { typ: 'JWT', alg: 'RS256', kid: KEY_ID };
      // Without `nbf`: if the sandbox's clock is set forward, it would be in the future for Mooring.
      const payload = {
        iss: issuer,
        aud: clientId,
        iat: issuedAt,
        exp: issuedAt + 3600,
        sub: user.objectId,
        tid: user.tenantId,
        oid: user.objectId,
        preferred_username: user.username,
        name: user.name,
        ver: '2.0',
      };
      const signed = `${encode(header)}.${encode(payload)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), key().privateKey).toString('base64url')}`;
    },
    jwks: () => ({
      keys: [{ ...createPublicKey(key().privateKey).export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' }],
    }),
  };
}

const makePair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
