import type { ProviderManifest } from '../manifests/types.ts';
import { servicePrincipalBatch } from './manifest/batch.ts';
import { discovery } from './manifest/discovery.ts';
import { consentGuide, servicePrincipalGuide } from './manifest/guide.ts';
import { regions } from './manifest/regions.ts';

const GUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';

/** Azure's own tools read no bare token from the environment; docs/cli.md says how to hand it to them. */
const variables = { AZURE_ACCESS_TOKEN: 'access_token' };

/** Microsoft Azure. Its clouds share nothing: an application is registered in each. */
export const manifest: ProviderManifest = {
  id: 'azure',
  name: 'Microsoft Azure',
  enableVariables: ['ENABLE_AZURE', 'NEXT_PUBLIC_ENABLE_AZURE'],
  regionWord: 'cloud',
  requestIdHeaders: ['x-ms-request-id', 'x-ms-correlation-request-id'],
  discovery,
  regions,
  methods: [
    {
      id: 'authorization_code',
      flow: 'redirect',
      name: 'Sign in with Microsoft',
      asks: 'To use Azure Resource Manager in your name, with the roles that your account has, until you or they end it.',
      requires: ['clientId', 'clientSecret'],
      leased: ['access_token'],
      variables,
      // Each refresh gives a new refresh token, and only the newest one is promised to last. That an old one is still
      // taken for a while is Microsoft's leniency: what a lost answer held is got back by a replay, not counted on.
      rotatesRefreshTokens: true,
      discovers: true,
      callbackPath: '/azure/callback',
      scopes: ['{audience}/user_impersonation', 'offline_access', 'openid', 'profile'],
      authorizeParameters: { response_mode: 'query' },
      revokesBy: 'nobody',
      guide: consentGuide,
    },
    {
      id: 'client_secret',
      flow: 'form',
      name: 'Service principal',
      asks: 'An application of your own directory with a client secret, and the Reader or Contributor role on your subscriptions.',
      requires: [],
      leased: ['access_token'],
      variables,
      rotatesRefreshTokens: false,
      discovers: true,
      minted: [],
      guide: servicePrincipalGuide,
      batch: servicePrincipalBatch,
      fields: [
        {
          name: 'tenant_id',
          label: 'Directory (tenant) ID',
          hint: "On the application's overview page, e.g. 72f988bf-86f1-41af-91ab-2d7cd011db47.",
          secret: false,
          required: true,
          pattern: `^${GUID}$`,
        },
        {
          name: 'client_id',
          label: 'Application (client) ID',
          hint: 'On the same page; not the object ID.',
          secret: false,
          required: true,
          pattern: `^${GUID}$`,
        },
        {
          name: 'client_secret',
          label: 'Client secret',
          hint: "The secret's value, which is shown once; not its ID.",
          secret: true,
          required: true,
        },
        {
          name: 'subscription_id',
          label: 'Subscription ID',
          hint: 'One that must be reached; any enabled one will do where left empty.',
          secret: false,
          required: false,
          pattern: `^${GUID}$`,
        },
        {
          name: 'secret_expires_on',
          label: 'Day on which the secret expires',
          hint: 'As YYYY-MM-DD, from Certificates & secrets: you are warned in the last 30 days. May be left empty.',
          secret: false,
          required: false,
          pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$',
        },
      ],
    },
  ],
};
