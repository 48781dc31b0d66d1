import { Value } from 'typebox/value';
import { Type } from 'typebox';

import type { Cloud, CloudContext, CloudDefinition, Operation, SandboxRequest } from '../../core/cloud.ts';
import { SandboxError } from '../../core/sandbox-error.ts';
import { createCodes } from '../../oauth/codes.ts';
import { createGrants } from '../../oauth/grants.ts';
import { createIssued } from '../../oauth/issued.ts';
import { revocationReply } from '../../oauth/revocation-endpoint.ts';
import { oauthDefaults, OAuthSettingsSchema, type OAuthSettings } from '../../oauth/settings.ts';
import { createTokenEndpoint, tokenEndpointName } from '../../oauth/token-endpoint.ts';
import { findAccount, ovhAccounts } from './accounts.ts';
import { apiEndpoints, createApi } from './api.ts';
import { bearerToken, createAuthenticate } from './authenticate.ts';
import { authorizeReply } from './authorize.ts';
import { discoveryRoutes } from './discovery-routes.ts';
import { identityRoutes } from './identity-routes.ts';
import { inventoryControl } from './inventory-control.ts';
import { createInventory } from './inventory/inventory.ts';
import { createPermissions } from './permissions.ts';
import { ovhEnvironment, ovhRegions, type OvhRegion } from './regions.ts';

/** OVHcloud's three regions, each below a path of its own: `/ovh-eu/auth/oauth2/…`, `/ovh-eu/1.0/…`. */
export const ovhCloud: CloudDefinition<OAuthSettings> = {
  id: 'ovh',
  settingsSchema: OAuthSettingsSchema,
  defaults: oauthDefaults,
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
];

const RevokeSchema = Type.Object({ region: Type.Optional(Type.String()) }, { additionalProperties: false });

function createOvhCloud(cloudContext: CloudContext<OAuthSettings>): Cloud {
  const context = { ...cloudContext, cloud: 'ovh' };
  const grants = createGrants(context);
  const codes = createCodes(context, grants);
  const token = createTokenEndpoint(context, { codes, grants });
  const inventory = createInventory(context.tables);
  const permissions = createPermissions(context.tables);
  const routes = [...identityRoutes, ...discoveryRoutes(inventory)];
  const api = createApi(context, {
    routes,
    // Signed requests (application key, consumer key) would be a second way in this list.
    authenticate: createAuthenticate([bearerToken(grants)]),
    permissions,
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
        return { endpoint: tokenEndpointName(form), handle: () => token(region.id, region.applications, form) };
      case 'POST /auth/oauth2/revoke':
        return { endpoint: 'revoke', handle: () => revocationReply(grants, region.applications, form) };
      default:
        return /^\/(1\.0|v2)\//.test(path) ? api(region, path, request) : undefined;
    }
  }

  return {
    id: 'ovh',
    issued: () => ({
      ...createIssued(context).list(),
      rescuePassword: inventory.rescuePasswords(),
      clientSecret: ovhRegions.flatMap(({ applications }) => applications.map(({ clientSecret }) => clientSecret)),
    }),
    match(request) {
      const region = ovhRegions.find(({ id }) => request.path.startsWith(`/${id}/`));
      const operation = region && find(region, request.path.slice(region.id.length + 1), request);
      return operation && { cloud: 'ovh', region: region.id, ...operation };
    },
    endpoints: [...oauthEndpoints, ...apiEndpoints(routes)],
    control: [
      ...inventoryControl(context.tables, inventory, permissions),
      { method: 'GET', path: /^\/ovh\/accounts$/, handle: () => ovhAccounts },
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
