import type { Reply } from '../core/cloud.ts';
import { authenticate, type OAuthApplication } from './clients.ts';
import { isRefusal, refusalReply, refuse } from './errors.ts';
import type { Grants } from './grants.ts';

/** The revocation endpoint (RFC 7009): an unknown token is a success (2.2), because it is no longer good either way. */
export function revocationReply(
  grants: Grants,
  applications: readonly OAuthApplication[],
  form: URLSearchParams,
): Reply {
  const application = authenticate(applications, form);
  if (isRefusal(application)) return refusalReply(application);
  const token = form.get('token');
  if (!token) return refusalReply(refuse('invalid_request', 'token is missing'));
  grants.revokeToken(token);
  return { status: 200, body: '' };
}
