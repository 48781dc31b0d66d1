import { Type, type Static } from 'typebox';

import { oauthDefaults, OAuthSettingsSchema } from '../../oauth/settings.ts';

export const GcpSettingsSchema = Type.Object(
  {
    ...OAuthSettingsSchema.properties,
    /** Of the OAuth consent screen; while it is `testing`, refresh tokens die seven days after the sign-in. */
    publishingStatus: Type.Union([Type.Literal('testing'), Type.Literal('production')]),
    /** Whether the Cloud Resource Manager API is enabled in the projects that calls are counted for. */
    resourceManagerEnabled: Type.Boolean(),
    /** How long a new key of a service account takes to be known. */
    keyPropagationSeconds: Type.Integer({ minimum: 0 }),
    /** The largest difference between an assertion's `iat` and this sandbox's clock; raise it when moving the clock. */
    assertionLeewaySeconds: Type.Integer({ minimum: 0 }),
    projectsPageSize: Type.Integer({ minimum: 1 }),
    /** The most rows of a page of resources, however many are asked for. */
    resourcesPageSize: Type.Integer({ minimum: 1, maximum: 500 }),
    /**
     * APIs that are not enabled, each with the project that they are not enabled in: `lindqvist-web/compute.googleapis.com`.
     * `client` is the project of Mooring's OAuth client.
     */
    disabledServices: Type.Array(Type.String({ pattern: '^[a-z0-9-]+/[a-z.]+$' })),
    /** Places that do not answer: lists come with HTTP 200 and without what is there. */
    unreachableLocations: Type.Array(Type.String()),
    /** Locations that refuse everybody, as some do until Google lets a customer in. */
    refusedLocations: Type.Array(Type.String()),
  },
  { additionalProperties: false },
);
export type GcpSettings = Static<typeof GcpSettingsSchema>;

export const gcpDefaults: GcpSettings = {
  ...oauthDefaults,
  accessTokenLifetimeSeconds: 3599,
  rotateRefreshTokens: false,
  requirePkce: false,
  publishingStatus: 'production',
  resourceManagerEnabled: true,
  keyPropagationSeconds: 0,
  assertionLeewaySeconds: 600,
  projectsPageSize: 2,
  resourcesPageSize: 500,
  disabledServices: [],
  unreachableLocations: [],
  refusedLocations: [],
};

const WEEK_SECONDS = 7 * 24 * 60 * 60;

/** The settings with what follows from others. */
export const effective = (settings: GcpSettings): GcpSettings =>
  settings.publishingStatus === 'testing' ? { ...settings, refreshTokenLifetimeSeconds: WEEK_SECONDS } : settings;
