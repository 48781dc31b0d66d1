import { Secret } from '../../platform/secret.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import { classified } from '../http/classify.ts';
import { createOAuthClient, type OAuthClient, type OAuthTokens } from '../oauth/oauth.ts';
import { openRegion, readRecord, unusable } from '../preconditions.ts';
import { ProviderError, type AuthMethod, type IssuedCredential } from '../provider.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import { issued, revokeTokens, SignInRecordSchema, type SignInRecord } from '../oauth/sign-in.ts';
import { createGcpClient, type GcpClient, type GcpDeps } from './client.ts';
import { accessEnds, googleClassifier, noProjects, noRefreshTokenWarning, unknownRegion } from './errors.ts';

/** What Google documents. It counts only where a reply has no `expires_in` (RFC 6749, 5.1). */
const DOCUMENTED_TTL_SECONDS = 3600;
/** A token is not shown to an API when it would expire on the way. */
const NEARLY_EXPIRED_SECONDS = 60;

/** A region with the two ways of talking to it. */
interface OpenedRegion {
  readonly region: RegionSettings;
  readonly clientId: string;
  readonly oauth: OAuthClient;
  readonly google: GcpClient;
}

/** Sign-in by the customer (RFC 6749, 4.1 with PKCE), kept alive by a refresh token that stays the same. */
export function authorizationCode(deps: GcpDeps, methodId: string): AuthMethod {
  const method = deps.settings.manifest.methods.find(({ id }) => id === methodId);
  const askedFor = method?.flow === 'redirect' ? method.scopes : [];

  function open(regionId: string): OpenedRegion {
    const region = openRegion(deps.settings, regionId, methodId, unknownRegion);
    const { urls, values, secrets } = region;
    const clientId = values['clientId'] ?? '';
    const server = {
      issuer: urls['issuer'] ?? '',
      tokenUrl: urls['token'] ?? '',
      revokeUrl: urls['revoke'] ?? '',
      revokesForAnybody: true,
      clientId,
      clientSecret: secrets['clientSecret'] ?? new Secret(''),
    };
    return { region, clientId, oauth: createOAuthClient({ ...deps, server }), google: createGcpClient(deps, region) };
  }

  const terms = ({ clientId }: OpenedRegion) => ({ clientId, ttlSeconds: DOCUMENTED_TTL_SECONDS, scopes: askedFor });

  function warningsOf({ refreshToken, refreshTtlSeconds }: OAuthTokens): Problem[] {
    if (refreshToken === null) return [noRefreshTokenWarning];
    return refreshTtlSeconds === null ? [] : [accessEnds(new Date(deps.clock.now() + refreshTtlSeconds * 1000))];
  }

  async function renew(
    opened: OpenedRegion,
    { refresh_token }: SignInRecord,
    signal: AbortSignal,
  ): Promise<IssuedCredential> {
    if (refresh_token === undefined) throw unusable(problems.noRefreshToken);
    return await classified(googleClassifier({ operation: 'refresh', region: opened.region }), async () => ({
      ...issued(await opened.oauth.refresh(new Secret(refresh_token), signal), terms(opened)),
      renewable: true,
    }));
  }

  return {
    async exchange({ region, ...request }) {
      const opened = open(region);
      return await classified(
        googleClassifier({ operation: 'exchange', region: opened.region, redirectUri: request.redirectUri }),
        async () => {
          const tokens = await opened.oauth.exchange(request);
          const renewable = tokens.refreshToken !== null;
          return { ...issued(tokens, terms(opened)), renewable, warnings: warningsOf(tokens) };
        },
      );
    },

    async prove({ region, record, signal }) {
      const opened = open(region);
      const stored = readRecord(SignInRecordSchema, record);
      // A role that was asked for may be granted days later, when the token of the sign-in has long expired.
      const hasExpired = (stored.expires_at ?? Infinity) - deps.clock.now() / 1000 < NEARLY_EXPIRED_SECONDS;
      const renewed =
        hasExpired && stored.refresh_token !== undefined ? await renew(opened, stored, signal) : undefined;
      const token = renewed ? renewed.fields.reveal()['access_token'] : stored.access_token;
      if (typeof token !== 'string') throw unusable(problems.credentialMissing);
      return await classified(googleClassifier({ operation: 'look', region: opened.region }), async () => {
        const account = await opened.google.account(new Secret(token), signal);
        const projects = await opened.google.projects(new Secret(token), signal);
        if (projects.length === 0) {
          const problem = noProjects(account.displayName ?? account.id, undefined, opened.region);
          throw new ProviderError({ class: 'transient', problem, delivery: 'answered' });
        }
        return { account, warnings: [], ...(renewed && { issued: renewed }) };
      });
    },

    refresh: async ({ region, record, signal }) =>
      await renew(open(region), readRecord(SignInRecordSchema, record), signal),

    async revoke({ region, record, signal }) {
      const opened = open(region);
      return await classified(
        googleClassifier({ operation: 'revoke', region: opened.region }),
        async () => await revokeTokens(opened.oauth, readRecord(SignInRecordSchema, record), signal),
      );
    },
  };
}
