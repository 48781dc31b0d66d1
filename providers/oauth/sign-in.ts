import { Type, type Static } from 'typebox';

import type { JsonObject } from '../../platform/json.ts';
import { maybe } from '../../platform/schema.ts';
import { Secret } from '../../platform/secret.ts';
import type { RevocationOutcome } from '../../contracts/connection.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import { CallError } from '../http/call-error.ts';
import { classified, type Classifier } from '../http/classify.ts';
import { namesIssuer, scopesFor, type RegionSettings } from '../manifests/settings.ts';
import type { ProviderManifest, RedirectMethodManifest } from '../manifests/types.ts';
import { openRegion, parseRecord, unusable, type MethodDependencies } from '../preconditions.ts';
import type { AuthMethod, IssuedCredential, Proof } from '../provider.ts';
import { createOAuthClient, type OAuthClient, type OAuthServer, type OAuthTokens } from './oauth.ts';

/** What every sign-in keeps; `expires_at` is in unix seconds. */
export const SignInRecordSchema = Type.Object({
  access_token: Type.Optional(Type.String({ minLength: 1 })),
  refresh_token: Type.Optional(Type.String({ minLength: 1 })),
  expires_at: maybe(Type.Number()),
});
type SignInRecord = Static<typeof SignInRecordSchema>;

export type SignInOperation = 'exchange' | 'refresh' | 'prove' | 'revoke';

/** In what the sign-ins of clouds differ. */
export interface SignInCloud {
  /** The region's authorization server, towards our own OAuth2 client. */
  readonly server: (
    region: RegionSettings,
    client: { readonly clientId: string; readonly clientSecret: Secret<string> },
  ) => OAuthServer;
  /** Whose access token it is. Throws `CallError` or `ProviderError`. */
  readonly account: (access: {
    readonly region: RegionSettings;
    readonly accessToken: Secret<string>;
    readonly record: Secret<JsonObject>;
    readonly signal: AbortSignal;
  }) => Promise<Pick<Proof, 'account' | 'warnings'>>;
  /** `redirectUri`: the one that a code is exchanged with. */
  readonly classifier: (operation: SignInOperation, region: RegionSettings, redirectUri?: string) => Classifier;
  readonly terms: SignInTerms;
}

export interface SignInTerms {
  /** Seconds that an access token lives where a reply has no `expires_in` (RFC 6749, 5.1). */
  readonly documentedTtlSeconds: number;
  /** The warning where a refresh gave a new refresh token and no access token. */
  readonly noAccessToken: Problem;
  /** The warning where a code gave no refresh token. */
  readonly noRefreshToken: Problem;
  /** Other warnings about what a code gave. */
  readonly warnings?: (tokens: OAuthTokens) => readonly Problem[];
  /** Record fields beside the tokens that a code gave. */
  readonly fields?: (tokens: OAuthTokens) => JsonObject;
  /** The server wants the scopes again with each refresh (RFC 6749, 6). */
  readonly repeatsScopes?: boolean;
  /** For `revokesBy: 'nobody'`: what becomes of the tokens, and how the customer ends the access. */
  readonly revocationNote?: string;
}

/**
 * Sign-in by the customer (RFC 6749, 4.1 with PKCE), kept alive by refresh tokens, whether each refresh replaces them or
 * not. No token that a reply holds is lost: a new refresh token is kept where it came without an access token, and the
 * old one where no new one came.
 */
export function rotatingSignIn(deps: MethodDependencies, methodId: string, cloud: SignInCloud): AuthMethod {
  const { settings, http, clock } = deps;
  const { server, account, classifier, terms } = cloud;
  const method = redirectMethodOf(settings.manifest, methodId);

  async function at<T>(
    operation: SignInOperation,
    regionId: string,
    work: (oauth: OAuthClient, region: RegionSettings) => Promise<T>,
    redirectUri?: string,
  ): Promise<T> {
    const region = openRegion(settings, regionId, methodId);
    const client = { clientId: clientIdOf(region), clientSecret: region.secrets['clientSecret'] ?? new Secret('') };
    const revokesBy = method.revokesBy === 'bearer' ? 'bearer' : 'client';
    const ours = { revokesBy, namesItself: namesIssuer(region) } as const;
    const oauth = createOAuthClient({ server: { ...server(region, client), ...ours }, http, clock });
    return await classified(classifier(operation, region, redirectUri), () => work(oauth, region));
  }

  /** Where no new refresh token comes, the old one stays in the record and stays good (RFC 6749, 6). */
  const issued = (tokens: OAuthTokens, region: RegionSettings, more: JsonObject = {}) => ({
    fields: new Secret<JsonObject>({
      access_token: tokens.accessToken.reveal(),
      ...(tokens.refreshToken && { refresh_token: tokens.refreshToken.reveal() }),
      client_id: clientIdOf(region),
      ...more,
    }),
    ttlSeconds: tokens.ttlSeconds ?? terms.documentedTtlSeconds,
    scopes: tokens.scopes ?? scopesFor(region, method),
  });

  /**
   * Keeps the refresh token of a reply that has no access token: the one that was sent may be spent, so this is the one
   * to go on with. It is kept beside the old access token, for as long as that one still lives. Throws any other error
   * again.
   */
  function recoveredRefreshToken(error: unknown, stored: SignInRecord, region: RegionSettings): IssuedCredential {
    const failure = error instanceof CallError ? error.failure : undefined;
    if (failure?.kind !== 'no_access_token' || failure.refreshToken === null) throw error;
    return {
      fields: new Secret<JsonObject>({ refresh_token: failure.refreshToken.reveal() }),
      ttlSeconds: Math.max(0, Math.floor((stored.expires_at ?? 0) - clock.now() / 1000)),
      renewable: true,
      scopes: scopesFor(region, method),
      warnings: [terms.noAccessToken],
    };
  }

  return {
    exchange: ({ region: regionId, ...request }) =>
      at(
        'exchange',
        regionId,
        async (oauth, region) => {
          const tokens = await oauth.exchange(request);
          const renewable = tokens.refreshToken !== null;
          const warnings = renewable ? (terms.warnings?.(tokens) ?? []) : [terms.noRefreshToken];
          return { ...issued(tokens, region, terms.fields?.(tokens)), renewable, warnings };
        },
        request.redirectUri,
      ),

    prove: ({ region: regionId, record, signal }) =>
      at('prove', regionId, async (_, region) => {
        const { access_token } = parseRecord(SignInRecordSchema, record);
        if (access_token === undefined) throw unusable(problems.credentialMissing);
        return await account({ region, accessToken: new Secret(access_token), record, signal });
      }),

    refresh: ({ region: regionId, record, signal }) =>
      at('refresh', regionId, async (oauth, region) => {
        const stored = parseRecord(SignInRecordSchema, record);
        if (stored.refresh_token === undefined) throw unusable(problems.noRefreshToken);
        const scopes = terms.repeatsScopes ? scopesFor(region, method) : undefined;
        try {
          const tokens = await oauth.refresh(new Secret(stored.refresh_token), signal, scopes);
          return { ...issued(tokens, region), renewable: true, warnings: [] };
        } catch (error) {
          return recoveredRefreshToken(error, stored, region);
        }
      }),

    async revoke({ region: regionId, record, signal }) {
      if (method.revokesBy !== 'nobody') {
        return await at(
          'revoke',
          regionId,
          async (oauth) => await revokeTokens(oauth, parseRecord(SignInRecordSchema, record), signal),
        );
      }
      const { access_token, refresh_token } = parseRecord(SignInRecordSchema, record);
      if (access_token === undefined && refresh_token === undefined) return { outcome: 'nothing_to_revoke' };
      return { outcome: 'unsupported', note: terms.revocationNote ?? 'This cloud revokes no token on request.' };
    },
  };
}

function redirectMethodOf({ id, methods }: ProviderManifest, methodId: string): RedirectMethodManifest {
  const method = methods.find((one) => one.id === methodId);
  if (method?.flow !== 'redirect') throw new TypeError(`The manifest of ${id} has no sign-in ${methodId}.`);
  return method;
}

/** That it is set, the manifest demands before a region is opened. */
const clientIdOf = ({ values }: RegionSettings): string => values['clientId'] ?? '';

/** RFC 7009. The refresh token first: if the second call fails, the access token left over expires soon by itself. */
async function revokeTokens(oauth: OAuthClient, stored: SignInRecord, signal: AbortSignal): Promise<RevocationOutcome> {
  const revoked: string[] = [];
  for (const kind of ['refresh_token', 'access_token'] as const) {
    if (stored[kind] === undefined) continue;
    await oauth.revoke(new Secret(stored[kind]), kind, signal);
    revoked.push(kind);
  }
  return revoked.length > 0 ? { outcome: 'revoked', revoked } : { outcome: 'nothing_to_revoke' };
}
