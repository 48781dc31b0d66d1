import { Value } from 'typebox/value';

import type { JsonObject } from '../../platform/json.ts';
import { problems } from '../../contracts/problem.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import type { OAuthServer, OAuthTokens } from '../oauth/oauth.ts';
import { rotatingSignIn, type SignInCloud } from '../oauth/sign-in.ts';
import { parseRecord, unusable, type MethodDependencies } from '../preconditions.ts';
import { ProviderError, type AuthMethod } from '../provider.ts';
import { createAzureClient, displayName, usable } from './client.ts';
import { azureClassifier } from './errors.ts';
import { noAccessToken, noRefreshTokenWarning, notIdentified } from './problems.ts';
import { AzureSignInSchema, IdClaimsSchema } from './schema.ts';

/** Microsoft draws 60 to 90 minutes for each token. */
const DOCUMENTED_TTL_SECONDS = 3600;

/** Sign-in by the customer at Microsoft Entra ID; each refresh replaces the refresh token. */
export function authorizationCode(deps: MethodDependencies): AuthMethod {
  const { clock } = deps;

  const account: SignInCloud['account'] = async ({ region, accessToken, record, signal }) => {
    const { tenant_id, object_id, username, granted_at: grantedAt } = parseRecord(AzureSignInSchema, record);
    if (tenant_id === undefined || object_id === undefined) throw unusable(problems.credentialMissing);
    const { rows: listed, warnings } = await createAzureClient(deps, region).subscriptions(accessToken, signal);
    const who = username ?? object_id;
    const found = usable(listed, { who, wanted: undefined, grantedAt, clock });
    return { account: { id: `${tenant_id}/${object_id}`, displayName: displayName(who, found) }, warnings };
  };

  return rotatingSignIn(deps, 'authorization_code', {
    server: entra,
    account,
    classifier: (operation, { manifest: region }) =>
      azureClassifier({
        operation,
        application: 'ours',
        isNew: false,
        region,
      }),
    terms: {
      documentedTtlSeconds: DOCUMENTED_TTL_SECONDS,
      noAccessToken,
      noRefreshToken: noRefreshTokenWarning,
      fields: (tokens) => ({ ...whoSignedIn(tokens), granted_at: Math.floor(clock.now() / 1000) }),
      repeatsScopes: true,
      revocationNote: NO_REVOCATION,
    },
  });
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

/** Microsoft Entra ID. It has no endpoint that revokes a token. */
function entra({ urls, values }: RegionSettings, client: Pick<OAuthServer, 'clientId' | 'clientSecret'>): OAuthServer {
  const { authority = '', authorize = '', token = '' } = urls;
  const { tenantId = '' } = values;
  return {
    // Entra sends no `iss` with a code (RFC 9207); one that comes is another authorization server's.
    issuer: URL.parse(authorize)?.origin ?? '',
    tokenUrl: token,
    // Each directory is an issuer of its own, below the one endpoint that signs all of them in.
    idTokenIssuer: ({ tid }) =>
      `${authority.replace(/\/$/, '')}/${isTenant(tenantId) ? tenantId.toLowerCase() : String(tid)}/v2.0`,
    ...client,
  };
}
