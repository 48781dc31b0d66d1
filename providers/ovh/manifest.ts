import type { ProviderManifest } from '../manifests/types.ts';
import { apiCredentials } from './manifest/api-credentials.ts';
import { clientCredentials } from './manifest/client-credentials.ts';
import { regions } from './manifest/regions.ts';

/** OVHcloud. One OAuth2 application for each region; the authorize endpoints work but are not documented by OVH. */
export const manifest: ProviderManifest = {
  id: 'ovh',
  name: 'OVHcloud',
  enableVariables: ['ENABLE_OVH', 'NEXT_PUBLIC_ENABLE_OVH'],
  regionWord: 'endpoint',
  programs: [
    {
      name: 'ovhcloud',
      variable: 'OVHCLOUD_PATH',
      description:
        'The ovhcloud program that lists the resources of OVHcloud accounts (22 MiB for each list under way): a path, or a name on PATH.',
    },
  ],
  regions,
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
    clientCredentials,
    apiCredentials,
  ],
};
