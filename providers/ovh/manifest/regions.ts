import type { RegionManifest } from '../../manifests/types.ts';

export const regions: readonly RegionManifest[] = [
  region('ovh-eu', 'Europe', 'OVH_EU', 'https://www.ovh.com', 'https://eu.api.ovh.com'),
  region('ovh-us', 'United States', 'OVH_US', 'https://us.ovhcloud.com', 'https://api.us.ovhcloud.com'),
  region('ovh-ca', 'Canada', 'OVH_CA', 'https://ca.ovh.com', 'https://ca.api.ovh.com'),
];

function region(id: string, label: string, prefix: string, site: string, api: string): RegionManifest {
  return {
    id,
    label,
    urls: {
      authorize: { url: `${site}/auth/oauth2/authorize`, variable: `${prefix}_AUTHORIZE_URL` },
      token: { url: `${site}/auth/oauth2/token`, variable: `${prefix}_TOKEN_URL` },
      revoke: { url: `${site}/auth/oauth2/revoke`, variable: `${prefix}_REVOKE_URL` },
      api: { url: `${api}/1.0`, variable: `${prefix}_API_URL` },
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
      namesIssuer: {
        names: [`${prefix}_ISSUER_IN_CALLBACK`],
        description: `Whether each answer of the sign-in at ${id} must name its issuer (\`iss\`, RFC 9207). OVHcloud names none.`,
        default: 'false',
      },
      createTokenUrl: {
        names: [`${prefix}_CREATE_TOKEN_URL`],
        description: `Page of ${id} where customers make API keys.`,
        default: `${api}/createToken/`,
      },
    },
  };
}
