import { Value } from 'typebox/value';

import type { Clock } from '../../platform/clock.ts';
import type { JsonObject } from '../../platform/json.ts';
import { Secret } from '../../platform/secret.ts';
import { problems } from '../../contracts/problem.ts';
import { classified } from '../http/classify.ts';
import type { Http } from '../http/http.ts';
import type { RedirectMethodManifest } from '../manifests/types.ts';
import { type OAuthTokens, createOAuthClient, type OAuthClient } from '../oauth/oauth.ts';
import { ProviderError, type AuthMethod } from '../provider.ts';
import { scopesFor, type RegionSettings } from '../manifests/settings.ts';
import { issued, recoveredRefreshToken } from '../oauth/sign-in.ts';
import { readRecord, unusable } from '../preconditions.ts';
import type { Situation } from './errors/aadsts.ts';
import type { AzureRegion, OpenRegion } from './access.ts';
import { azureClassifier } from './errors.ts';
import { noAccessToken, noRefreshTokenWarning, notIdentified } from './problems.ts';
import { AzureSignInSchema, IdClaimsSchema } from './schema.ts';
import { displayName, usable } from './client.ts';

/** Microsoft draws 60 to 90 minutes for each token. It counts only where a reply has no `expires_in` (RFC 6749, 5.1). */
const DOCUMENTED_TTL_SECONDS = 3600;

/** Sign-in by the customer at Microsoft Entra ID (RFC 6749, 4.1 with PKCE), kept alive by refresh tokens. */
export function authorizationCode(deps: {
  method: RedirectMethodManifest;
  open: OpenRegion;
  http: Http;
  clock: Clock;
}): AuthMethod {
  const { method, open, clock } = deps;

  async function at<T>(
    operation: Situation['operation'],
    regionId: string,
    work: (cloud: AzureRegion) => Promise<T>,
  ): Promise<T> {
    const cloud = open(regionId, method.id);
    const situation = { operation, application: 'ours', isNew: false, region: cloud.region.manifest } as const;
    return classified(azureClassifier(situation), () => work(cloud));
  }

  const signIn = (region: RegionSettings) => createSignInClient({ ...deps, region });
  const terms = (region: RegionSettings) => ({
    clientId: region.values['clientId'] ?? '',
    ttlSeconds: DOCUMENTED_TTL_SECONDS,
    scopes: scopesFor(region, method),
  });

  return {
    exchange: ({ region: regionId, ...request }) =>
      at('exchange', regionId, async ({ region }) => {
        const tokens = await signIn(region).exchange(request);
        const { fields, ...lasting } = issued(tokens, terms(region));
        const renewable = tokens.refreshToken !== null;
        return {
          ...lasting,
          fields: new Secret({
            ...fields.reveal(),
            ...whoSignedIn(tokens),
            granted_at: Math.floor(clock.now() / 1000),
          }),
          renewable,
          warnings: renewable ? [] : [noRefreshTokenWarning],
        };
      }),

    prove: ({ region: regionId, record, signal }) =>
      at('list', regionId, async ({ client }) => {
        const {
          access_token,
          tenant_id,
          object_id,
          username,
          granted_at: grantedAt,
        } = readRecord(AzureSignInSchema, record);
        if (access_token === undefined || tenant_id === undefined || object_id === undefined) {
          throw unusable(problems.credentialMissing);
        }
        const listed = await client.subscriptions(new Secret(access_token), signal);
        const who = username ?? object_id;
        const found = usable(listed, { who, wanted: undefined, grantedAt, clock });
        return { account: { id: `${tenant_id}/${object_id}`, displayName: displayName(who, found) }, warnings: [] };
      }),

    refresh: ({ region: regionId, record, signal }) =>
      at('refresh', regionId, async ({ region }) => {
        const { refresh_token, expires_at } = readRecord(AzureSignInSchema, record);
        if (refresh_token === undefined) throw unusable(problems.noRefreshToken);
        try {
          const tokens = await signIn(region).refresh(new Secret(refresh_token), signal, scopesFor(region, method));
          return { ...issued(tokens, terms(region)), renewable: true };
        } catch (error) {
          const { scopes } = terms(region);
          return recoveredRefreshToken(error, {
            expiresAtSeconds: expires_at,
            nowMs: clock.now(),
            scopes,
            warning: noAccessToken,
          });
        }
      }),

    revoke: ({ record }) => {
      const { access_token, refresh_token } = readRecord(AzureSignInSchema, record);
      if (access_token === undefined && refresh_token === undefined) {
        return Promise.resolve({ outcome: 'nothing_to_revoke' });
      }
      return Promise.resolve({ outcome: 'unsupported', note: NO_REVOCATION });
    },
  };
}

const NO_REVOCATION =
  'Microsoft Entra ID lets no application revoke the tokens that it was given; Mooring destroys its copies, and the last access token ends by itself within about an hour. To take the access back at once, remove the application at https://myapplications.microsoft.com, or have an administrator delete it under Enterprise applications.';

/** By the directory's own ids, which stay when a person is renamed. */
function whoSignedIn({ idClaims }: OAuthTokens): JsonObject {
  if (!Value.Check(IdClaimsSchema, idClaims)) {
    throw new ProviderError({ class: 'user', problem: notIdentified, delivery: 'answered' });
  }
  const { tid, oid, preferred_username, name } = idClaims;
  const username = preferred_username || name;
  return { tenant_id: tid, object_id: oid, ...(username && { username }) };
}

/** A directory by its ID, as against `organizations`, which is all of them. */
const isTenant = (tenantId: string): boolean => /^[0-9a-f]{8}-/i.test(tenantId);

/** Microsoft Entra ID as our own application is registered there. It has no endpoint that revokes a token. */
export function createSignInClient(deps: { region: RegionSettings; http: Http; clock: Clock }): OAuthClient {
  const { region, http, clock } = deps;
  const { authority = '', authorize = '', token = '' } = region.urls;
  const { clientId = '', tenantId = '' } = region.values;
  const server = {
    // Entra sends no `iss` with a code (RFC 9207); one that comes is another authorization server's.
    issuer: URL.parse(authorize)?.origin ?? '',
    tokenUrl: token,
    // Each directory is an issuer of its own, below the one endpoint that signs all of them in.
    idTokenIssuer: ({ tid }: Readonly<Record<string, unknown>>) =>
      `${authority.replace(/\/$/, '')}/${isTenant(tenantId) ? tenantId.toLowerCase() : String(tid)}/v2.0`,
    clientId,
    clientSecret: region.secrets['clientSecret'] ?? new Secret(''),
  };
  return createOAuthClient({ server, http, clock });
}
