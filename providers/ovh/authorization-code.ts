import type { Clock } from '../../platform/clock.ts';
import { Secret } from '../../platform/secret.ts';
import { problems } from '../../contracts/problem.ts';
import { classified } from '../http/classify.ts';
import type { Http } from '../http/http.ts';
import type { AuthMethod } from '../provider.ts';
import type { ProviderSettings } from '../manifests/settings.ts';
import { issued, recoveredRefreshToken, revokeTokens, SignInRecordSchema } from '../oauth/sign-in.ts';
import { readRecord, unusable } from '../preconditions.ts';
import { ovhClientFor, type OvhClient } from './client.ts';
import { noAccessToken, noRefreshTokenWarning, ovhClassifier, type Operation } from './errors.ts';

const METHOD_ID = 'authorization_code';

/** OVHcloud documents one hour. It counts only where a reply has no `expires_in` (RFC 6749, 5.1). */
const DOCUMENTED_TTL_SECONDS = 3600;
const SCOPES = ['all'];

/** Sign-in by the customer (RFC 6749, 4.1 with PKCE), kept alive by rotating refresh tokens. */
export function authorizationCode(deps: { settings: ProviderSettings; http: Http; clock: Clock }): AuthMethod {
  async function at<T>(operation: Operation, regionId: string, work: (client: OvhClient) => Promise<T>): Promise<T> {
    const client = ovhClientFor(deps, regionId, METHOD_ID);
    return classified(ovhClassifier(operation, client.region.manifest), () => work(client));
  }

  const terms = ({ clientId }: OvhClient) => ({ clientId, ttlSeconds: DOCUMENTED_TTL_SECONDS, scopes: SCOPES });

  return {
    exchange: ({ region, ...request }) =>
      at('exchange', region, async (client) => {
        const tokens = await client.oauth.exchange(request);
        const renewable = tokens.refreshToken !== null;
        return { ...issued(tokens, terms(client)), renewable, warnings: renewable ? [] : [noRefreshTokenWarning] };
      }),

    prove: ({ region, record, signal }) =>
      at('prove', region, async (client) => {
        const { access_token } = readRecord(SignInRecordSchema, record);
        if (access_token === undefined) throw unusable(problems.credentialMissing);
        return { account: await client.account(new Secret(access_token), signal), warnings: [] };
      }),

    refresh: ({ region, record, signal }) =>
      at('refresh', region, async (client) => {
        const { refresh_token, expires_at } = readRecord(SignInRecordSchema, record);
        if (refresh_token === undefined) throw unusable(problems.noRefreshToken);
        try {
          const tokens = await client.oauth.refresh(new Secret(refresh_token), signal);
          return { ...issued(tokens, terms(client)), renewable: true };
        } catch (error) {
          return recoveredRefreshToken(error, {
            expiresAtSeconds: expires_at,
            nowMs: deps.clock.now(),
            scopes: SCOPES,
            warning: noAccessToken,
          });
        }
      }),

    revoke: ({ region, record, signal }) =>
      at(
        'revoke',
        region,
        async ({ oauth }) => await revokeTokens(oauth, readRecord(SignInRecordSchema, record), signal),
      ),
  };
}
