import type { CloudContext, Reply, SandboxRequest } from '../../core/cloud.ts';
import { bearerTokenOf } from '../../oauth/authorize.ts';
import type { Grants } from '../../oauth/grants.ts';
import {
  application,
  clientProjectNumber,
  members,
  projects,
  serviceAccounts,
  type Member,
  type Roles,
  cloudScopes,
  split,
} from './accounts.ts';
import type { GcpSettings } from './settings.ts';

/** The two APIs that are asked: who the bearer is, and which projects they can see. */
export function createApi(
  { settings }: CloudContext<GcpSettings>,
  { grants, roles }: { grants: Grants; roles: Roles },
): Readonly<Record<'userinfo' | 'projects', (request: SandboxRequest) => Reply>> {
  function caller(request: SandboxRequest): { member: Member; scopes: string[]; isPerson: boolean } | undefined {
    const bearer = grants.bearer(bearerTokenOf(request) ?? '');
    if (bearer.state !== 'valid') return undefined;
    const { grant } = bearer;
    const member = members.find(({ id }) => id === grant.account);
    return member && { member, scopes: split(grant.scope), isPerson: grant.clientId === application.clientId };
  }

  return {
    userinfo(request) {
      const known = caller(request);
      if (!known) return { status: 401, body: { error: 'invalid_request', error_description: 'Invalid Credentials' } };
      const { id, email, name } = known.member;
      const isNamed = known.scopes.includes('https://www.googleapis.com/auth/userinfo.email');
      return { status: 200, body: { sub: id, name, ...(isNamed && { email, email_verified: true }) } };
    },

    projects(request) {
      const known = caller(request);
      if (!known) return failure(401, 'UNAUTHENTICATED', invalidCredentials);
      const { member, scopes, isPerson } = known;
      if (!scopes.some((scope) => cloudScopes.includes(scope))) {
        const text = 'Request had insufficient authentication scopes.';
        return failure(403, 'PERMISSION_DENIED', text, 'ACCESS_TOKEN_SCOPE_INSUFFICIENT');
      }
      if (!settings().resourceManagerEnabled) return disabled(isPerson ? clientProjectNumber : homeOf(member));
      return page(roles.visible(member), request.query.get('pageToken'), settings().projectsPageSize);
    },
  };
}

function page(visible: ReturnType<Roles['visible']>, token: string | null, size: number): Reply {
  const from = token === null ? 0 : Number(Buffer.from(token, 'base64url').toString('utf8'));
  if (!Number.isInteger(from)) return failure(400, 'INVALID_ARGUMENT', 'The page token is invalid.');
  const rows = visible.slice(from, from + size).map(({ number, ...project }) => ({
    name: `projects/${number}`,
    ...project,
  }));
  const next = from + size < visible.length ? Buffer.from(String(from + size)).toString('base64url') : undefined;
  return { status: 200, body: { ...(rows.length > 0 && { projects: rows }), ...(next && { nextPageToken: next }) } };
}

const homeOf = ({ id }: Member): string => {
  const home = serviceAccounts.find((account) => account.id === id)?.projectId;
  return projects.find(({ projectId }) => projectId === home)?.number ?? '';
};

function disabled(number: string): Reply {
  const service = 'cloudresourcemanager.googleapis.com';
  const text = `Cloud Resource Manager API has not been used in project ${number} before or it is disabled.`;
  return failure(403, 'PERMISSION_DENIED', text, 'SERVICE_DISABLED', { service, consumer: `projects/${number}` });
}

const invalidCredentials =
  'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.';

/** A refusal as Google's APIs word it (google.rpc.Status). */
function failure(code: number, status: string, message: string, reason?: string, metadata: object = {}): Reply {
  const type = 'type.googleapis.com/google.rpc.ErrorInfo';
  const details =
    reason === undefined ? {} : { details: [{ '@type': type, reason, domain: 'googleapis.com', metadata }] };
  return { status: code, body: { error: { code, message, status, ...details } } };
}
