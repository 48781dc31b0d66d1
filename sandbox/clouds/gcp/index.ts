import type { Cloud, CloudContext, CloudDefinition, Operation, SandboxRequest } from '../../core/cloud.ts';
import { createCodes } from '../../oauth/codes.ts';
import { createGrants, createIssued } from '../../oauth/grants.ts';
import { createAccess } from './access.ts';
import { application, gcpEnvironment } from './accounts.ts';
import { createApi } from './api.ts';
import { createAuthorize } from './authorize.ts';
import { createConsole } from './console.ts';
import { controlRoutes } from './control.ts';
import { createDiscovery, discoveryEndpoints } from './discovery/routes.ts';
import { inventoryControl } from './inventory-control.ts';
import { createCollections } from './inventory/collections.ts';
import { HIDDEN_SECRET } from './inventory/kinds.ts';
import { createProjects } from './inventory/projects.ts';
import { createKeys } from './keys.ts';
import { createRoles } from './roles.ts';
import { revokeReply, createTokenEndpoint, tokenEndpointName } from './token.ts';
import { effective, gcpDefaults, GcpSettingsSchema, type GcpSettings } from './settings.ts';

/** Google's sign-in, its tokens, and the projects of Google Cloud with their resources, below `/gcp/`. */
export const gcpCloud: CloudDefinition<'gcp', GcpSettings> = {
  id: 'gcp',
  settingsSchema: GcpSettingsSchema,
  defaults: gcpDefaults,
  create: createGcpCloud,
  environment: gcpEnvironment,
};

const endpoints = [
  'authorize.page',
  'authorize.decision',
  'token.code',
  'token.refresh',
  'token.jwt_bearer',
  'token.unsupported',
  'revoke',
  'userinfo',
  'projects.search',
  'projects.get',
  ...discoveryEndpoints,
  'console.page',
  'console.action',
];

function createGcpCloud(given: CloudContext<GcpSettings>): Cloud {
  const context = { ...given, cloud: 'gcp', settings: () => effective(given.settings()) };
  const grants = createGrants(context);
  const codes = createCodes(context, grants);
  const keys = createKeys(context);
  const projects = createProjects(context.tables);
  const collections = createCollections(context.tables);
  const roles = createRoles(context.tables, projects);
  const access = createAccess(context, { grants, roles, projects });
  const token = createTokenEndpoint(context, { codes, grants, keys });
  const authorize = createAuthorize({ ...context, codes });
  const api = createApi(context, { access, roles, projects });
  const discovery = createDiscovery(context, { access, collections });
  const console = createConsole(context, { keys, roles, projects });

  function find(path: string, request: SandboxRequest): Pick<Operation, 'endpoint' | 'handle'> | undefined {
    const form = new URLSearchParams(request.body);
    switch (`${request.method} ${path}`) {
      case 'GET /authorize':
        return { endpoint: 'authorize.page', handle: () => authorize(request.query, null) };
      case 'POST /authorize':
        return { endpoint: 'authorize.decision', handle: () => authorize(request.query, form) };
      case 'POST /token':
        return { endpoint: tokenEndpointName(form), handle: () => token(form) };
      case 'POST /revoke':
        return {
          endpoint: 'revoke',
          handle: () => revokeReply(grants, context.counters, form.get('token') ?? ''),
        };
      case 'GET /userinfo':
        return { endpoint: 'userinfo', handle: () => api.userinfo(request) };
      case 'GET /v3/projects:search':
        return { endpoint: 'projects.search', handle: () => api.projects(request) };
      default:
        return findBelow(path, request);
    }
  }

  function findBelow(path: string, request: SandboxRequest): ReturnType<typeof find> {
    const project = request.method === 'GET' ? /^\/v3\/projects\/([^/:]+)$/.exec(path)?.[1] : undefined;
    if (project !== undefined) return { endpoint: 'projects.get', handle: () => api.project(request, project) };
    if (path.startsWith('/console/')) return console(path.slice('/console'.length), request);
    return path.startsWith('/services/') ? discovery(path.slice('/services'.length), request) : undefined;
  }

  return {
    id: 'gcp',
    endpoints,
    issued: () => ({
      ...createIssued(context).list(),
      privateKey: keys.secrets(),
      clientSecret: [application.clientSecret],
      inventorySecret: [HIDDEN_SECRET],
    }),
    match(request) {
      const path = /^\/gcp(\/.*)$/.exec(request.path)?.[1];
      const operation = path === undefined ? undefined : find(path, request);
      return operation && { cloud: 'gcp', region: 'global', ...operation };
    },
    control: [
      ...controlRoutes(context, { grants, keys, roles }),
      ...inventoryControl(context.tables, { projects, collections, roles }),
    ],
  };
}
