import { randomUUID } from 'node:crypto';

import type { Cloud, CloudContext, CloudDefinition, Operation, Reply, SandboxRequest } from '../../core/cloud.ts';
import { createCodes } from '../../oauth/codes.ts';
import { createGrants, createIssued } from '../../oauth/grants.ts';
import { tokenEndpointName } from '../../oauth/token-endpoint.ts';
import { adminConsent, appRegistrations } from './admin-pages.ts';
import { createAuthorize } from './authorize.ts';
import {
  azureClouds,
  azureEnvironment,
  type AzureCloud,
  azureDefaults,
  AzureSettingsSchema,
  type AzureSettings,
} from './settings.ts';
import { createConsents, createPrincipals, ready } from './principals.ts';
import { controlRoutes } from './control.ts';
import { findTenant } from './directory.ts';
import { noSuchTenant } from './entra-errors.ts';
import { createIdTokens, createTokenEndpoint, isAnyTenant } from './token-endpoint.ts';
import { armEndpoints, armRoute, createResourceManager } from './resource-manager.ts';
import { createAuthorized } from './resources/caller.ts';
import { estateControl } from './resources/control.ts';
import { createEstate } from './resources/estate.ts';
import { createResourceGraph } from './resources/graph.ts';

/** Three clouds of Microsoft's, each with Entra ID and Azure Resource Manager below a path of its own: `/azure/global`. */
export const azureCloud: CloudDefinition<'azure', AzureSettings> = {
  id: 'azure',
  settingsSchema: AzureSettingsSchema,
  defaults: azureDefaults,
  create: createAzureCloud,
  environment: azureEnvironment,
};

const RESOURCE_GRAPH = 'resource-graph';
const GRAPH_PATH = '/providers/Microsoft.ResourceGraph/resources';

const endpoints = [
  'authorize.page',
  'authorize.decision',
  'adminconsent',
  'token.code',
  'token.refresh',
  'token.client_credentials',
  'token.unsupported',
  'openid.configuration',
  'openid.keys',
  ...armEndpoints,
  RESOURCE_GRAPH,
  'portal.page',
];

function createAzureCloud(cloudContext: CloudContext<AzureSettings>): Cloud {
  const context = { ...cloudContext, cloud: 'azure' };
  const grants = createGrants(context);
  const codes = createCodes(context, grants);
  const consents = createConsents(context.tables);
  const principals = createPrincipals(context);
  const idTokens = createIdTokens(context.clock);
  const authorize = createAuthorize(context, { codes, consents });
  const token = createTokenEndpoint(context, { codes, grants, principals, idTokens });
  const estate = createEstate(context.tables);
  const authorized = createAuthorized({ grants, principals });
  const resourceManager = createResourceManager(context, { estate, principals });
  const resourceGraph = createResourceGraph(context, estate);

  function find(
    cloud: AzureCloud,
    path: string,
    request: SandboxRequest,
  ): Pick<Operation, 'endpoint' | 'handle'> | undefined {
    const operation = (endpoint: string, handle: () => Reply) => ({ endpoint, handle });
    const { method, query } = request;
    const route = method === 'GET' ? armRoute(path) : undefined;
    if (route) {
      const answer = () => authorized(cloud, request, (caller) => resourceManager({ cloud, caller, request, route }));
      return operation(route.endpoint, answer);
    }
    if (path === GRAPH_PATH && method === 'POST') {
      const answer = () => authorized(cloud, request, (caller) => resourceGraph(cloud, caller, request));
      return operation(RESOURCE_GRAPH, answer);
    }
    const [, tenant = '', rest = ''] = /^\/([^/]+)(\/.+)$/.exec(path) ?? [];
    const authority = `http://${request.headers.host}/azure/${cloud.id}`;
    const form = new URLSearchParams(request.body);
    const decision = method === 'POST' ? form : null;
    if (path === '/app-registrations') {
      return operation('portal.page', () => appRegistrations(cloud, decision, principals));
    }
    switch (`${method} ${rest}`) {
      case 'GET /oauth2/v2.0/authorize':
      case 'POST /oauth2/v2.0/authorize':
        return operation(decision ? 'authorize.decision' : 'authorize.page', () =>
          authorize(cloud, tenant, query, decision),
        );
      case 'GET /adminconsent':
      case 'POST /adminconsent':
        return operation('adminconsent', () => adminConsent(cloud, query, decision, consents));
      case 'POST /oauth2/v2.0/token':
        return operation(tokenEndpointName(form), () => token({ cloud, tenant, form, authority }));
      case 'GET /v2.0/.well-known/openid-configuration':
        return operation('openid.configuration', () => openidConfiguration(authority, tenant));
      case 'GET /discovery/v2.0/keys':
        return operation('openid.keys', () => ({ status: 200, body: idTokens.jwks() }));
      default:
        return undefined;
    }
  }

  return {
    id: 'azure',
    endpoints,
    issued: () => ({
      ...createIssued(context).list(),
      clientSecret: [
        ...azureClouds.flatMap((cloud) => [cloud.application.clientSecret, ...readySecrets(cloud)]),
        ...principals.secrets(),
      ],
    }),
    match(request) {
      const [, id, path = ''] = /^\/azure\/([a-z-]+)(\/.+)$/.exec(request.path) ?? [];
      const cloud = azureClouds.find((known) => known.id === id);
      const operation = cloud && find(cloud, path, request);
      // What support asks for; on errors too, scripted ones included.
      const headers = { 'x-ms-request-id': randomUUID() };
      return operation && { cloud: 'azure', region: cloud.id, headers, ...operation };
    },
    control: [
      ...controlRoutes(context.tables, { principals, grants }),
      ...estateControl(context.tables, { estate, principals }),
    ],
  };
}

const readySecrets = (cloud: AzureCloud): string[] =>
  ready(cloud).flatMap(({ secret }) => (secret ? [secret.value] : []));

/** OpenID Connect Discovery, 4.2. Its addresses are https, as libraries demand, whatever this server speaks. */
function openidConfiguration(authority: string, tenant: string): Reply {
  if (!isAnyTenant(tenant) && !findTenant(tenant)) return noSuchTenant(tenant);
  const base = `${authority.replace(/^http:/, 'https:')}/${tenant}`;
  return {
    status: 200,
    body: {
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_post'],
      scopes_supported: ['openid', 'profile', 'offline_access'],
    },
  };
}
