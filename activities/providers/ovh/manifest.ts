import type { ProviderManifest, RegionManifest } from '../manifest-types.ts';

/** OVHcloud. One OAuth2 application for each region; the authorize endpoints work but are not documented by OVH. */
export const manifest: ProviderManifest = {
  id: 'ovh',
  name: 'OVHcloud',
  enableVariables: ['ENABLE_OVH', 'NEXT_PUBLIC_ENABLE_OVH'],
  regionWord: 'endpoint',
  regions: [
    region('ovh-eu', 'Europe', 'OVH_EU', 'https://www.ovh.com', 'https://eu.api.ovh.com/1.0'),
    region('ovh-us', 'United States', 'OVH_US', 'https://us.ovhcloud.com', 'https://api.us.ovhcloud.com/1.0'),
    region('ovh-ca', 'Canada', 'OVH_CA', 'https://ca.ovh.com', 'https://ca.api.ovh.com/1.0'),
  ],
  methods: [
    {
      id: 'authorization_code',
      flow: 'redirect',
      name: 'Sign in with OVHcloud',
      asks: 'Full access to the OVHcloud API in your name (scope "all"), until you or they disconnect it.',
      requires: ['clientId', 'clientSecret'],
      rotatesRefreshTokens: true,
      discovers: true,
      leased: ['access_token'],
      callbackPath: '/ovh/oauth2/callback',
      scopes: ['all'],
      authorizeParameters: {},
      platformRoutes: {
        initiate: '/ovh/oauth2/initiate',
        refresh: '/ovh/oauth2/refresh',
        validate: { path: '/ovh/credentials/validate', method: 'api_credentials' },
      },
    },
  ],
};

function region(id: string, label: string, prefix: string, site: string, api: string): RegionManifest {
  return {
    id,
    label,
    urls: {
      authorize: { url: `${site}/auth/oauth2/authorize`, variable: `${prefix}_AUTHORIZE_URL` },
      token: { url: `${site}/auth/oauth2/token`, variable: `${prefix}_TOKEN_URL` },
      revoke: { url: `${site}/auth/oauth2/revoke`, variable: `${prefix}_REVOKE_URL` },
      api: { url: api, variable: `${prefix}_API_URL` },
    },
    settings: {
      clientId: {
        names: [`${prefix}_CLIENT_ID`],
        description: `Client ID of the OAuth2 application made at ${id} with POST /me/api/oauth2/client.`,
      },
      clientSecret: {
        names: [`${prefix}_CLIENT_SECRET`],
        description: `Client secret of the same application; OVHcloud shows it once.`,
        secret: true,
      },
      redirectUri: {
        names: [`${prefix}_REDIRECT_URI`],
        description: `Callback URL registered with the application, to the letter. Default: PUBLIC_URL + /ovh/oauth2/callback.`,
      },
    },
  };
}
