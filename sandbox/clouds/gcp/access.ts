import type { CloudContext, Reply, SandboxRequest } from '../../core/cloud.ts';
import { bearerTokenOf } from '../../oauth/authorize.ts';
import type { Grants } from '../../oauth/grants.ts';
import { application, clientProjectNumber, members, serviceAccounts, split, type Member } from './accounts.ts';
import { permissionDenied, scopeInsufficient, serviceDisabled, unauthenticated, userProjectDenied } from './errors.ts';
import type { Project, Projects } from './inventory/projects.ts';
import type { Roles } from './roles.ts';
import type { GcpSettings } from './settings.ts';

export interface Caller {
  readonly member: Member;
  readonly scopes: readonly string[];
  readonly isPerson: boolean;
}

/** One method of one API, as far as the right to call it goes. */
export interface Guarded {
  readonly id: string;
  /** `compute.googleapis.com` */
  readonly service: string;
  /** One of these is enough. */
  readonly scopes: readonly string[];
  readonly permission: string;
  /** Whether a call is counted for the project that it is about, and not for the caller's own. */
  readonly isCountedThere: boolean;
}

export interface Access {
  caller(request: SandboxRequest): Caller | undefined;
  /** The project that a call is about, where it may be made; else the refusal. */
  admit(request: SandboxRequest, method: Guarded, projectName: string): Project | Reply;
}

const USE_SERVICES = 'serviceusage.services.use';

export function createAccess(
  { settings }: CloudContext<GcpSettings>,
  { grants, roles, projects }: { grants: Grants; roles: Roles; projects: Projects },
): Access {
  function caller(request: SandboxRequest): Caller | undefined {
    const bearer = grants.bearer(bearerTokenOf(request) ?? '');
    if (bearer.state !== 'valid') return undefined;
    const { grant } = bearer;
    const member = members.find(({ id }) => id === grant.account);
    return member && { member, scopes: split(grant.scope), isPerson: grant.clientId === application.clientId };
  }

  const seen = (member: Member, name: string): Project | undefined =>
    roles
      .visible(member)
      .find(({ projectId, number, state }) => state === 'ACTIVE' && [projectId, number].includes(name));

  const isDisabled = (service: string, consumer: string): boolean =>
    settings().disabledServices.includes(`${consumer}/${service}`);

  /** The refusal of whatever the call is counted for. */
  function countedFor(request: SandboxRequest, known: Caller, method: Guarded, name: string): Reply | undefined {
    const { service } = method;
    const named = request.headers['x-goog-user-project'];
    if (typeof named === 'string') {
      const project = seen(known.member, named);
      if (!project || !roles.may(known.member, USE_SERVICES)) return userProjectDenied(service, named);
      return isDisabled(service, project.projectId) ? serviceDisabled(service, project.number) : undefined;
    }
    if (!method.isCountedThere && known.isPerson) {
      return isDisabled(service, 'client') ? serviceDisabled(service, clientProjectNumber) : undefined;
    }
    const home = serviceAccounts.find(({ id }) => id === known.member.id)?.projectId ?? '';
    const project = projects.find(method.isCountedThere ? name : home);
    return project && isDisabled(service, project.projectId) ? serviceDisabled(service, project.number) : undefined;
  }

  return {
    caller,
    admit(request, method, name) {
      const known = caller(request);
      if (!known) return unauthenticated;
      const { service, permission, scopes } = method;
      if (!scopes.some((scope) => known.scopes.includes(scope))) return scopeInsufficient(service, method.id);
      const refused = countedFor(request, known, method, name);
      if (refused) return refused;
      const project = seen(known.member, name);
      if (!project || !roles.may(known.member, permission)) {
        return permissionDenied(service, permission, `projects/${name}`);
      }
      const isOff = method.isCountedThere && isDisabled(service, project.projectId);
      return isOff ? serviceDisabled(service, project.number) : project;
    },
  };
}
