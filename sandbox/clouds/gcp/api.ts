import type { CloudContext, Reply, SandboxRequest } from '../../core/cloud.ts';
import type { Access, Caller } from './access.ts';
import { clientProjectNumber, serviceAccounts } from './accounts.ts';
import { failure, permissionDenied, scopeInsufficient, serviceDisabled, unauthenticated } from './errors.ts';
import type { Project, Projects } from './inventory/projects.ts';
import type { Roles } from './roles.ts';
import type { GcpSettings } from './settings.ts';

const SERVICE = 'cloudresourcemanager.googleapis.com';

/** One of these is enough to see projects; those of single services are not. */
export const projectScopes: readonly string[] = [
  'https://www.googleapis.com/auth/cloud-platform',
  'https://www.googleapis.com/auth/cloud-platform.read-only',
];

export interface Api {
  userinfo(request: SandboxRequest): Reply;
  projects(request: SandboxRequest): Reply;
  project(request: SandboxRequest, id: string): Reply;
}

/** Who the bearer is, and which projects they can see. */
export function createApi(
  { settings }: CloudContext<GcpSettings>,
  { access, roles, projects }: { access: Access; roles: Roles; projects: Projects },
): Api {
  function known(request: SandboxRequest, method: string): Caller | Reply {
    const caller = access.caller(request);
    if (!caller) return unauthenticated;
    if (!caller.scopes.some((scope) => projectScopes.includes(scope))) return scopeInsufficient(SERVICE, method);
    const number = caller.isPerson ? clientProjectNumber : homeOf(caller);
    return settings().resourceManagerEnabled ? caller : serviceDisabled(SERVICE, number);
  }

  const homeOf = ({ member }: Caller): string => {
    const home = serviceAccounts.find(({ id }) => id === member.id)?.projectId;
    return projects.find(home ?? '')?.number ?? '';
  };

  return {
    userinfo(request) {
      const caller = access.caller(request);
      if (!caller) return { status: 401, body: { error: 'invalid_request', error_description: 'Invalid Credentials' } };
      const { id, email, name } = caller.member;
      const isNamed = caller.scopes.includes('https://www.googleapis.com/auth/userinfo.email');
      return { status: 200, body: { sub: id, name, ...(isNamed && { email, email_verified: true }) } };
    },

    projects(request) {
      const caller = known(request, 'projects.search');
      if ('status' in caller) return caller;
      return page(roles.visible(caller.member), request.query.get('pageToken'), settings().projectsPageSize);
    },

    project(request, id) {
      const caller = known(request, 'projects.get');
      if ('status' in caller) return caller;
      const project = roles.visible(caller.member).find(({ projectId, number }) => [projectId, number].includes(id));
      const permission = 'resourcemanager.projects.get';
      // The same for a project that does not exist.
      if (!project || !roles.may(caller.member, permission))
        return permissionDenied(SERVICE, permission, `projects/${id}`);
      return { status: 200, body: projectRow(project) };
    },
  };
}

const projectRow = ({ number, ...project }: Project) => ({
  name: `projects/${number}`,
  ...project,
  createTime: '2024-08-01T09:00:00.123Z',
  labels: {},
});

function page(visible: readonly Project[], token: string | null, size: number): Reply {
  const from = token === null ? 0 : Number(Buffer.from(token, 'base64url').toString('utf8'));
  if (!Number.isInteger(from)) return failure(400, 'INVALID_ARGUMENT', 'The page token is invalid.');
  const rows = visible.slice(from, from + size).map(projectRow);
  const next = from + size < visible.length ? Buffer.from(String(from + size)).toString('base64url') : undefined;
  return { status: 200, body: { ...(rows.length > 0 && { projects: rows }), ...(next && { nextPageToken: next }) } };
}
