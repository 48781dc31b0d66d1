import { Type, type Static, type TSchema } from 'typebox';
import type { CloudContext } from '../core/cloud.ts';

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** How a simulated authorization server behaves; each cloud has its own copy. */
export const OAuthSettingsSchema = Type.Object(
  {
    accessTokenLifetimeSeconds: Type.Integer({ minimum: 1 }),
    /** Null = refresh tokens do not expire. */
    refreshTokenLifetimeSeconds: Nullable(Type.Integer({ minimum: 1 })),
    codeLifetimeSeconds: Type.Integer({ minimum: 1 }),
    /** Each refresh replaces the refresh token, and a spent one that comes back revokes the grant. */
    rotateRefreshTokens: Type.Boolean(),
    /** For this long after a rotation the spent token is accepted again, and gives the same successor. */
    rotationGraceSeconds: Type.Integer({ minimum: 0 }),
    /** A spent refresh token is taken again, and answers another successor; nothing is revoked. */
    spentTokensStayGood: Type.Boolean(),
    /** Gives no refresh token: none with the code, and the old one stays good on a refresh. */
    omitRefreshToken: Type.Boolean(),
    /** Does the work, then leaves the access token out of the reply. */
    omitAccessToken: Type.Boolean(),
    requirePkce: Type.Boolean(),
    /** Redirect URIs registered with the application, to the letter. Null = whatever the authorize request names. */
    callbackUrls: Nullable(Type.Array(Type.String())),
    /** Sent as `iss` with each authorization response (RFC 9207). Null = not sent. */
    issuer: Nullable(Type.String()),
  },
  { additionalProperties: false },
);
export type OAuthSettings = Static<typeof OAuthSettingsSchema>;

export const oauthDefaults: OAuthSettings = {
  accessTokenLifetimeSeconds: 3600,
  refreshTokenLifetimeSeconds: null,
  codeLifetimeSeconds: 600,
  rotateRefreshTokens: true,
  rotationGraceSeconds: 0,
  spentTokensStayGood: false,
  omitRefreshToken: false,
  omitAccessToken: false,
  requirePkce: true,
  callbackUrls: null,
  issuer: null,
};

/** What the authorization server's parts share: the cloud's context and its table names. */
export interface OAuthContext extends CloudContext<OAuthSettings> {
  /** Prefix of the tables, and of every token, so that one found in a log says where it came from. */
  readonly cloud: string;
}

export const secondsFrom = (context: OAuthContext, seconds: number): number => context.clock.now() + seconds * 1000;
