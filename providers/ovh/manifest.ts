import type { FormField, FormMethodManifest, ProviderManifest } from '../manifests/types.ts';
import { discovery } from './manifest/discovery.ts';
import { apiKeysGuide, serviceAccountGuide } from './manifest/guide.ts';
import { regions } from './manifest/regions.ts';

/** OVHcloud's keys are letters and digits; what else there may be is left to OVHcloud to refuse. */
const KEY = String.raw`[\w.\-]{8,128}`;

const applicationKey: FormField = {
  name: 'application_key',
  label: 'Application key',
  hint: 'As the page shows it on which the keys were made.',
  secret: false,
  required: true,
  pattern: KEY,
};

const applicationSecret: FormField = {
  name: 'application_secret',
  label: 'Application secret',
  hint: 'Shown beside the application key, once.',
  secret: true,
  required: true,
  pattern: KEY,
};

const consumerKey: FormField = {
  name: 'consumer_key',
  label: 'Consumer key',
  hint: 'Shown beside the other two.',
  secret: true,
  required: true,
  pattern: KEY,
};

const tokenVariables = { OVH_ENDPOINT: 'region', OVH_ACCESS_TOKEN: 'access_token' };

const clientCredentials: FormMethodManifest = {
  id: 'client_credentials',
  flow: 'form',
  name: 'Service account',
  asks: 'A service account in your OVHcloud account, with what its IAM policies grant it, until you delete it.',
  requires: [],
  leased: ['access_token'],
  variables: tokenVariables,
  rotatesRefreshTokens: false,
  discovers: true,
  minted: [],
  guide: serviceAccountGuide,
  fields: [],
  variants: [
    {
      id: 'existing',
      label: 'A service account that I have',
      asks: 'Its client ID and secret, kept encrypted for as long as the connection lives.',
      fields: [
        {
          name: 'client_id',
          label: 'Client ID',
          hint: 'As POST /me/api/oauth2/client with flow CLIENT_CREDENTIALS answered it.',
          secret: false,
          required: true,
          pattern: String.raw`[\w.\-]{8,128}`,
        },
        {
          name: 'client_secret',
          label: 'Client secret',
          hint: 'Shown beside the client ID, once.',
          secret: true,
          required: true,
          pattern: String.raw`[\w.\-]{8,256}`,
        },
      ],
    },
    {
      id: 'create',
      label: 'Make one for me',
      asks: 'API keys that may make a service account; they are used once, for that, and destroyed.',
      fields: [
        applicationKey,
        applicationSecret,
        consumerKey,
        {
          name: 'project_ids',
          label: 'Public Cloud projects',
          hint: 'Their ids, 32 hexadecimal digits each, separated by commas or line breaks. The service account sees nothing else.',
          secret: false,
          required: true,
          multiline: true,
          pattern: String.raw`[0-9a-f]{32}(?:[\s,;]+[0-9a-f]{32})*[\s,;]*`,
        },
        {
          name: 'access',
          label: 'Access',
          hint: 'To read, or also to manage instances, networks, volumes and Kubernetes clusters.',
          secret: false,
          required: true,
          options: ['read', 'manage'],
        },
      ],
    },
  ],
};

const apiCredentials: FormMethodManifest = {
  id: 'api_credentials',
  flow: 'form',
  name: 'API keys',
  asks: 'API keys of your OVHcloud account, with the rights that you gave them, until you or they disconnect it.',
  requires: [],
  leased: ['application_key', 'application_secret', 'consumer_key'],
  variables: {
    OVH_ENDPOINT: 'region',
    OVH_APPLICATION_KEY: 'application_key',
    OVH_APPLICATION_SECRET: 'application_secret',
    OVH_CONSUMER_KEY: 'consumer_key',
  },
  rotatesRefreshTokens: false,
  discovers: true,
  minted: [],
  guide: apiKeysGuide,
  fields: [
    applicationKey,
    applicationSecret,
    {
      ...consumerKey,
      required: false,
      hint: 'Left empty, Mooring asks OVHcloud for one, and shows you the link where you approve it.',
    },
  ],
};

/** OVHcloud. One OAuth2 application for each region; the authorize endpoints work but are not documented by OVH. */
export const manifest: ProviderManifest = {
  id: 'ovh',
  name: 'OVHcloud',
  enableVariables: ['ENABLE_OVH', 'NEXT_PUBLIC_ENABLE_OVH'],
  regionWord: 'endpoint',
  requestIdHeaders: ['x-ovh-queryid', 'x-iplb-request-id'],
  programs: [
    {
      name: 'ovhcloud',
      variable: 'OVHCLOUD_PATH',
      description:
        'The ovhcloud program that lists the resources of OVHcloud accounts (22 MiB for each list under way): a path, or a name on PATH.',
    },
  ],
  discovery,
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
      variables: tokenVariables,
      callbackPath: '/ovh/oauth2/callback',
      scopes: ['all'],
      authorizeParameters: {},
      revokesBy: 'client',
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
