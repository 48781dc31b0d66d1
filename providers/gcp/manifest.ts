import type { ProviderManifest, RedirectMethodManifest } from '../manifests/types.ts';
import { discovery, notByReadOnlySignIn } from './manifest/discovery.ts';
import { readOnlyGuide, serviceAccountGuide, signInGuide } from './manifest/guide.ts';
import { privateKeyFault } from './manifest/key-file.ts';
import { regions } from './manifest/regions.ts';

const identityScopes = ['openid', 'https://www.googleapis.com/auth/userinfo.email'];
const cloudScope = 'https://www.googleapis.com/auth/cloud-platform';
/** `cloud-platform.read-only` alone reads projects, buckets and registries; these read what has a scope of its own. */
const readOnlyScopes = [
  `${cloudScope}.read-only`,
  'https://www.googleapis.com/auth/compute.readonly',
  'https://www.googleapis.com/auth/container.read-only',
  'https://www.googleapis.com/auth/run.readonly',
];

/** What a service account's tokens are asked for; what they may do is decided by its roles. */
export const serviceAccountScopes: readonly string[] = [...identityScopes, cloudScope];

/** For gcloud, and for Terraform's provider. */
const variables = { CLOUDSDK_AUTH_ACCESS_TOKEN: 'access_token', GOOGLE_OAUTH_ACCESS_TOKEN: 'access_token' };

/** Google Cloud. One OAuth client for all of it, and no regions of its own. */
export const manifest: ProviderManifest = {
  id: 'gcp',
  name: 'Google Cloud',
  enableVariables: ['ENABLE_GCP', 'NEXT_PUBLIC_ENABLE_GCP'],
  regionWord: 'region',
  requestIdHeaders: ['x-goog-request-id', 'x-guploader-uploadid'],
  regions,
  discovery,
  methods: [
    signIn({
      id: 'authorization_code',
      name: 'Sign in with Google',
      asks: 'Access to all Google Cloud resources that you have access to, in your name, until you or they disconnect it.',
      scopes: [cloudScope],
    }),
    signIn({
      id: 'authorization_code_readonly',
      name: 'Sign in with Google, read-only',
      asks: 'To read the Google Cloud resources that you can read, but for databases and functions, in your name, without changing any, until you or they disconnect it.',
      scopes: readOnlyScopes,
      cannotList: notByReadOnlySignIn,
      guide: readOnlyGuide,
    }),
    {
      id: 'service_account',
      flow: 'form',
      name: 'Service account key',
      asks: 'A key of a service account in your Google Cloud project, which may do what the roles say that you give it, until you delete the key.',
      requires: [],
      leased: ['access_token'],
      variables,
      rotatesRefreshTokens: false,
      discovers: true,
      minted: [],
      guide: serviceAccountGuide,
      fields: [
        {
          name: 'service_account_key',
          label: 'Service account key (JSON)',
          hint: 'The whole content of the key file, from { to }.',
          secret: true,
          required: true,
          multiline: true,
          fault: privateKeyFault,
        },
      ],
    },
  ],
};

/** Both share one callback: it is registered once at Google, and the state says whose sign-in comes back. */
function signIn(
  of: Pick<RedirectMethodManifest, 'id' | 'name' | 'asks' | 'scopes' | 'cannotList' | 'guide'>,
): RedirectMethodManifest {
  const { scopes, ...method } = of;
  return {
    guide: signInGuide,
    ...method,
    flow: 'redirect',
    requires: ['clientId', 'clientSecret'],
    leased: ['access_token'],
    variables,
    rotatesRefreshTokens: false,
    discovers: true,
    callbackPath: '/callback',
    scopes: [...identityScopes, ...scopes],
    // A refresh token comes only with both of these.
    authorizeParameters: { access_type: 'offline', prompt: 'consent' },
    revokesBy: 'bearer',
  };
}
