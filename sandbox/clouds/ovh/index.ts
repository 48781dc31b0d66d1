import { Value } from 'typebox/value';
import { Type } from 'typebox';

import {
  type Cloud,
  type CloudContext,
  type CloudDefinition,
  type Operation,
  type SandboxRequest,
  SandboxError,
} from '../../core/cloud.ts';
import { createCodes } from '../../oauth/codes.ts';
import { createGrants, createIssued } from '../../oauth/grants.ts';
import { revocationReply, createTokenEndpoint, tokenEndpointName } from '../../oauth/token-endpoint.ts';
import { findAccount, ovhAccounts } from './accounts.ts';
import { apiEndpoints, createApi, identityRoutes } from './api.ts';
import { bearerToken, createAuthenticate } from './authenticate.ts';
import { authorizeReply } from './authorize.ts';
import { type OvhContext, ovhDefaults, OvhSettingsSchema, type OvhSettings } from './context.ts';
import { discoveryRoutes } from './discovery-routes.ts';
import { createPolicies, policyRoutes } from './iam/policies.ts';
import { serviceAccountRoutes, createServiceAccounts } from './iam/service-accounts.ts';
import { inventoryControl } from './inventory-control.ts';
import { createInventory } from './inventory/inventory.ts';
import { createApplications, createConsumerKeys } from './keys/consumer-keys.ts';
import { credentialRoutes, requestCredential } from './keys/credential-routes.ts';
import { keysControl } from './keys/keys-control.ts';
import { signedRequest } from './keys/signed-request.ts';
import { tokenPageReply, validationReply } from './keys/key-pages.ts';
import { createPermissions } from './permissions.ts';
import { ovhEnvironment, ovhRegions, type OvhRegion } from './regions.ts';

/** OVHcloud's three regions, each below a path of its own: `/ovh-eu/auth/oauth2/…`, `/ovh-eu/1.0/…`. */
export const ovhCloud: CloudDefinition<'ovh', OvhSettings> = {
  id: 'ovh',
  settingsSchema: OvhSettingsSchema,
  defaults: ovhDefaults,
  create: createOvhCloud,
  environment: ovhEnvironment,
};

const oauthEndpoints = [
  'authorize.page',
  'authorize.decision',
  'token.code',
  'token.refresh',
  'token.client_credentials',
  'token.unsupported',
  'revoke',
  'validation.page',
  'validation.decision',
  'create-token',
];

const RevokeSchema = Type.Object({ region: Type.Optional(Type.String()) }, { additionalProperties: false });

function createOvhCloud(cloudContext: CloudContext<OvhSettings>): Cloud {
  const context: OvhContext = { ...cloudContext, cloud: 'ovh' };
  const grants = createGrants(context);
  const codes = createCodes(context, grants);
  const token = createTokenEndpoint(context, { codes, grants });
  const inventory = createInventory(context.tables);
  const serviceAccounts = createServiceAccounts(context);
  const policies = createPolicies(context);
  const applications = createApplications(context);
  const consumerKeys = createConsumerKeys(context);
  const permissions = createPermissions(context.tables, { policies, serviceAccounts });
  const routes = [
    ...identityRoutes,
    ...credentialRoutes(consumerKeys),
    ...serviceAccountRoutes(serviceAccounts),
    ...policyRoutes({ policies, serviceAccounts, projects: inventory.projects }),
    ...discoveryRoutes(inventory),
  ];
  const api = createApi(context, {
    routes,
    authenticate: createAuthenticate([
      bearerToken(grants, serviceAccounts),
      signedRequest(context, { applications, consumerKeys }),
    ]),
    permissions,
    requestCredential: (region, request) => requestCredential({ applications, consumerKeys }, region, request),
  });

  function find(
    region: OvhRegion,
    path: string,
    request: SandboxRequest,
  ): Omit<Operation, 'cloud' | 'region'> | undefined {
    const { method, query } = request;
    const form = new URLSearchParams(request.body);
    switch (`${method} ${path}`) {
      case 'GET /auth/oauth2/authorize':
      case 'POST /auth/oauth2/authorize': {
        const decision = method === 'POST' ? form : null;
        return {
          endpoint: decision ? 'authorize.decision' : 'authorize.page',
          handle: () => authorizeReply({ region, settings: context.settings(), codes }, query, decision),
        };
      }
      case 'POST /auth/oauth2/token':
        return {
          endpoint: tokenEndpointName(form),
          handle: () => token(region.id, serviceAccounts.applications(region.id), form),
        };
      case 'POST /auth/oauth2/revoke':
        return {
          endpoint: 'revoke',
          handle: () => revocationReply(grants, serviceAccounts.applications(region.id), form),
        };
      case 'GET /auth/':
      case 'POST /auth/': {
        const decision = method === 'POST' ? form : null;
        return {
          endpoint: decision ? 'validation.decision' : 'validation.page',
          handle: () => validationReply(consumerKeys, region, query, decision),
        };
      }
      case 'GET /createToken/':
      case 'POST /createToken/': {
        const keySources = { applications, consumerKeys, projects: inventory.projects };
        return {
          endpoint: 'create-token',
          handle: () => tokenPageReply(keySources, region, method === 'POST' ? form : null),
        };
      }
      default:
        return /^\/(1\.0|v2)\//.test(path) ? api(region, path, request) : undefined;
    }
  }

  return {
    id: 'ovh',
    issued: () => ({
      ...createIssued(context).list(),
      rescuePassword: inventory.rescuePasswords(),
      clientSecret: ovhRegions.flatMap(({ id }) =>
        serviceAccounts.applications(id).map(({ clientSecret }) => clientSecret),
      ),
      applicationSecret: applications.list().map(({ secret }) => secret),
      consumerKey: consumerKeys.list().map(({ consumerKey }) => consumerKey),
    }),
    match(request) {
      const region = ovhRegions.find(({ id }) => request.path.startsWith(`/${id}/`));
      const operation = region && find(region, request.path.slice(region.id.length + 1), request);
      // The load balancer's; the API has ids of its own instead.
      const headers = { 'x-iplb-request-id': context.random(12) };
      return operation && { cloud: 'ovh', region: region.id, headers, ...operation };
    },
    endpoints: [...oauthEndpoints, ...apiEndpoints(routes)],
    control: [
      ...inventoryControl(context.tables, inventory, permissions),
      ...keysControl(context.tables, { applications, consumerKeys, serviceAccounts, policies }),
      { method: 'GET', path: /^\/ovh\/accounts$/, handle: () => ovhAccounts },
      {
        method: 'GET',
        path: /^\/ovh\/grants$/,
        handle: () => grants.list().map((grant) => ({ spentAgainAtMs: [], ...grant, code: codes.of(grant) ?? null })),
      },
      {
        method: 'POST',
        path: /^\/ovh\/accounts\/([^/]+)\/revoke$/,
        handle: ({ parameters: [nichandle = ''], body = {} }) => {
          if (!findAccount(nichandle)) throw new SandboxError(404, `There is no account ${nichandle}.`);
          if (!Value.Check(RevokeSchema, body)) throw new SandboxError(400, 'The body is {region?}.');
          return { revoked: context.tables.commit(() => grants.revokeAccount(nichandle, body.region ?? null)) };
        },
      },
    ],
  };
}
