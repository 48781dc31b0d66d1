import type { RegionManifest } from '../../manifests/types.ts';

/** Google Cloud has no regions with accounts of their own. */
export const regions: readonly RegionManifest[] = [
  {
    id: 'global',
    label: 'Google Cloud',
    urls: {
      issuer: { url: 'https://accounts.google.com', variable: 'GCP_ISSUER_URL' },
      authorize: { url: 'https://accounts.google.com/o/oauth2/v2/auth', variable: 'GCP_AUTHORIZE_URL' },
      token: { url: 'https://oauth2.googleapis.com/token', variable: 'GCP_TOKEN_URL' },
      revoke: { url: 'https://oauth2.googleapis.com/revoke', variable: 'GCP_REVOKE_URL' },
      userinfo: { url: 'https://openidconnect.googleapis.com/v1/userinfo', variable: 'GCP_USERINFO_URL' },
      resourceManager: { url: 'https://cloudresourcemanager.googleapis.com', variable: 'GCP_RESOURCE_MANAGER_URL' },
      cloudAsset: { url: 'https://cloudasset.googleapis.com', variable: 'GCP_CLOUD_ASSET_URL' },
      compute: { url: 'https://compute.googleapis.com', variable: 'GCP_COMPUTE_URL' },
      container: { url: 'https://container.googleapis.com', variable: 'GCP_CONTAINER_URL' },
      sqlAdmin: { url: 'https://sqladmin.googleapis.com', variable: 'GCP_SQL_ADMIN_URL' },
      spanner: { url: 'https://spanner.googleapis.com', variable: 'GCP_SPANNER_URL' },
      alloyDb: { url: 'https://alloydb.googleapis.com', variable: 'GCP_ALLOYDB_URL' },
      storage: { url: 'https://storage.googleapis.com', variable: 'GCP_STORAGE_URL' },
      run: { url: 'https://run.googleapis.com', variable: 'GCP_RUN_URL' },
      cloudFunctions: { url: 'https://cloudfunctions.googleapis.com', variable: 'GCP_CLOUD_FUNCTIONS_URL' },
      artifactRegistry: { url: 'https://artifactregistry.googleapis.com', variable: 'GCP_ARTIFACT_REGISTRY_URL' },
    },
    settings: {
      clientId: {
        names: ['GCP_CLIENT_ID', 'CLIENT_ID'],
        description: 'Client ID of the OAuth client (type: web application) in your Google Cloud project.',
      },
      clientSecret: {
        names: ['GCP_CLIENT_SECRET', 'CLIENT_SECRET'],
        description: 'Client secret of the same OAuth client.',
        secret: true,
      },
      redirectUri: {
        names: ['GCP_REDIRECT_URI'],
        description: 'Redirect URI registered with the OAuth client, to the letter. Default: PUBLIC_URL + /callback.',
      },
      namesIssuer: {
        names: ['GCP_ISSUER_IN_CALLBACK'],
        description:
          'Whether each answer of the sign-in must name its issuer (`iss`, RFC 9207), as Google publishes that it does. `false` for a server in its place that does not.',
        default: 'true',
      },
      quotaProject: {
        names: ['GCP_QUOTA_PROJECT'],
        description:
          'Project that the searches for resources are counted for (`x-goog-user-project`), with the Cloud Asset API enabled. Connected accounts need Service Usage Consumer on it. Default: the listed project, where the account may use it, else the one of the OAuth client or of the service account.',
      },
      consoleUrl: {
        names: ['GCP_CONSOLE_URL'],
        description: 'The Google Cloud console that customers are sent to.',
        default: 'https://console.cloud.google.com',
      },
    },
  },
];
