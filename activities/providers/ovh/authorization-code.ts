import { Value } from 'typebox/value';

import type { Clock } from '../../../platform/clock.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { problems } from '../../../workflows/contracts/problem.ts';
import { CallError } from '../call-error.ts';
import { classify } from '../classify.ts';
import type { Http } from '../http.ts';
import type { OAuthTokens } from '../oauth.ts';
import { ProviderError, type AuthMethod, type IssuedCredential } from '../provider.ts';
import type { ProviderSettings } from '../settings.ts';
import { ovhClientFor, type OvhClient } from './client.ts';
import { noAccessToken, noRefreshTokenWarning, ovhClassifier, type Operation } from './errors.ts';
import { RecordSchema, type OvhRecord } from './schema.ts';

const METHOD_ID = 'authorization_code';

/** OVHcloud documents one hour. It counts only where a reply has no `expires_in` (RFC 6749, 5.1). */
const DOCUMENTED_TTL_SECONDS = 3600;

/** Sign-in by the customer (RFC 6749, 4.1 with PKCE), kept alive by rotating refresh tokens. */
export function authorizationCode(deps: { settings: ProviderSettings; http: Http; clock: Clock }): AuthMethod {
  async function at<T>(operation: Operation, regionId: string, work: (client: OvhClient) => Promise<T>): Promise<T> {
    const client = ovhClientFor(deps, regionId, METHOD_ID);
    try {
      return await work(client);
    } catch (error) {
      throw classify(error, ovhClassifier(operation, client.region.manifest));
    }
  }

  return {
    exchange: ({ region, ...request }) =>
      at('exchange', region, async ({ oauth, clientId }) => {
        const tokens = await oauth.exchange(request);
        const renewable = tokens.refreshToken !== null;
        return { ...issued(tokens, clientId), renewable, warnings: renewable ? [] : [noRefreshTokenWarning] };
      }),

    prove: ({ region, record, signal }) =>
      at('prove', region, async (client) => {
        const { access_token } = read(record);
        if (access_token === undefined) throw unusable(problems.credentialMissing);
        return { account: await client.account(new Secret(access_token), signal), warnings: [] };
      }),

    refresh: ({ region, record, signal }) =>
      at('refresh', region, async ({ oauth, clientId }) => {
        const { refresh_token, expires_at } = read(record);
        if (refresh_token === undefined) throw unusable(problems.noRefreshToken);
        try {
          // Where no new refresh token comes, the old one stays in the record and stays good (RFC 6749, 6).
          return { ...issued(await oauth.refresh(new Secret(refresh_token), signal), clientId), renewable: true };
        } catch (error) {
          const rescued = successorIn(error);
          if (!rescued) throw error;
          return rescue(rescued, (expires_at ?? 0) - deps.clock.now() / 1000);
        }
      }),

    revoke: ({ region, record, signal }) =>
      at('revoke', region, async ({ oauth }) => {
        const stored = read(record);
        const revoked: string[] = [];
        // The refresh token first: were we cut off in between, what is left dies by itself.
        for (const kind of ['refresh_token', 'access_token'] as const) {
          if (stored[kind] === undefined) continue;
          await oauth.revoke(new Secret(stored[kind]), kind, signal);
          revoked.push(kind);
        }
        return revoked.length > 0 ? { outcome: 'revoked', revoked } : { outcome: 'nothing_to_revoke' };
      }),
  };
}

function issued(tokens: OAuthTokens, clientId: string): Omit<IssuedCredential, 'renewable'> {
  const fields: JsonObject = {
    access_token: tokens.accessToken.reveal(),
    ...(tokens.refreshToken && { refresh_token: tokens.refreshToken.reveal() }),
    client_id: clientId,
  };
  return {
    fields: new Secret(fields),
    ttlSeconds: tokens.ttlSeconds ?? DOCUMENTED_TTL_SECONDS,
    scopes: tokens.scopes ?? ['all'],
    warnings: [],
  };
}

/** The refresh token in a reply that has no access token: the old one is spent, so this is the only one left. */
function successorIn(error: unknown): Secret<string> | null {
  const failure = error instanceof CallError ? error.failure : undefined;
  return failure?.kind === 'no_access_token' ? failure.refreshToken : null;
}

/** Keeps the new refresh token beside the old access token, for as long as that one still lives. */
const rescue = (refreshToken: Secret<string>, remainingSeconds: number): IssuedCredential => ({
  fields: new Secret<JsonObject>({ refresh_token: refreshToken.reveal() }),
  ttlSeconds: Math.max(0, Math.floor(remainingSeconds)),
  renewable: true,
  scopes: ['all'],
  warnings: [noAccessToken],
});

function read(record: Secret<JsonObject>): OvhRecord {
  const stored = record.reveal();
  if (!Value.Check(RecordSchema, stored)) throw unusable(problems.credentialMissing);
  return stored;
}

/** Nothing was asked of the cloud: the record itself can't be worked with. */
const unusable = (problem: ProviderError['problem']) =>
  new ProviderError({ class: 'user', problem, delivery: 'not_sent' });
