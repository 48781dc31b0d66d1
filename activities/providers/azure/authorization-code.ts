import { Value } from 'typebox/value';

import type { Clock } from '../../../platform/clock.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { problems } from '../../../workflows/contracts/problem.ts';
import { CallError } from '../call-error.ts';
import { classify } from '../classify.ts';
import type { Http } from '../http.ts';
import type { RedirectMethodManifest } from '../manifest-types.ts';
import type { OAuthTokens } from '../oauth.ts';
import { ProviderError, type AuthMethod, type IssuedCredential } from '../provider.ts';
import { scopesFor, type RegionSettings } from '../settings.ts';
import type { Situation } from './readings.ts';
import type { AzureRegion, OpenRegion } from './access.ts';
import { azureClassifier } from './errors.ts';
import { noAccessToken, noRefreshTokenWarning, notIdentified } from './problems.ts';
import { IdClaimsSchema, SignInRecordSchema, type SignInRecord } from './schema.ts';
import { createSignInClient } from './sign-in-client.ts';
import { displayName, usable } from './subscriptions.ts';

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
    try {
      return await work(cloud);
    } catch (error) {
      const situation = { operation, application: 'ours', isNew: false, region: cloud.region.manifest } as const;
      throw classify(error, azureClassifier(situation));
    }
  }

  const signIn = (region: RegionSettings) => createSignInClient({ ...deps, region });
  const issued = (tokens: OAuthTokens, region: RegionSettings) => ({
    fields: new Secret<JsonObject>({
      access_token: tokens.accessToken.reveal(),
      ...(tokens.refreshToken && { refresh_token: tokens.refreshToken.reveal() }),
      client_id: region.values['clientId'] ?? '',
    }),
    ttlSeconds: tokens.ttlSeconds ?? DOCUMENTED_TTL_SECONDS,
    scopes: tokens.scopes ?? scopesFor(region, method),
  });

  return {
    exchange: ({ region: regionId, ...request }) =>
      at('exchange', regionId, async ({ region }) => {
        const tokens = await signIn(region).exchange(request);
        const { fields, ...terms } = issued(tokens, region);
        const renewable = tokens.refreshToken !== null;
        return {
          ...terms,
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
        const { access_token, tenant_id, object_id, username, granted_at: grantedAt } = read(record);
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
        const { refresh_token, expires_at } = read(record);
        if (refresh_token === undefined) throw unusable(problems.noRefreshToken);
        try {
          const tokens = await signIn(region).refresh(new Secret(refresh_token), signal, scopesFor(region, method));
          // Where no new refresh token comes, the old one stays in the record and stays good (RFC 6749, 6).
          return { ...issued(tokens, region), renewable: true, warnings: [] };
        } catch (error) {
          const rescued = successorIn(error);
          if (!rescued) throw error;
          const remainingSeconds = (expires_at ?? 0) - clock.now() / 1000;
          return rescue(rescued, remainingSeconds, scopesFor(region, method));
        }
      }),

    revoke: ({ record }) => {
      const { access_token, refresh_token } = read(record);
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

/** The refresh token in a reply that has no access token: it is the newest, and so the one to keep. */
function successorIn(error: unknown): Secret<string> | null {
  const failure = error instanceof CallError ? error.failure : undefined;
  return failure?.kind === 'no_access_token' ? failure.refreshToken : null;
}

/** Keeps the new refresh token beside the old access token, for as long as that one still lives. */
const rescue = (
  refreshToken: Secret<string>,
  remainingSeconds: number,
  scopes: readonly string[],
): IssuedCredential => ({
  fields: new Secret<JsonObject>({ refresh_token: refreshToken.reveal() }),
  ttlSeconds: Math.max(0, Math.floor(remainingSeconds)),
  renewable: true,
  scopes,
  warnings: [noAccessToken],
});

function read(record: Secret<JsonObject>): SignInRecord {
  const stored = record.reveal();
  if (!Value.Check(SignInRecordSchema, stored)) throw unusable(problems.credentialMissing);
  return stored;
}

/** Nothing was asked of the cloud: the record itself can't be worked with. */
const unusable = (problem: ProviderError['problem']) =>
  new ProviderError({ class: 'user', problem, delivery: 'not_sent' });
