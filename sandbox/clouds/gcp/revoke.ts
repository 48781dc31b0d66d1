import type { Reply } from '../../core/cloud.ts';
import type { Counters } from '../../core/counters.ts';
import type { Grants } from '../../oauth/grants.ts';
import { application } from './accounts.ts';
import { refusal } from './refusal.ts';

/**
 * Google's revocation endpoint, which is not RFC 7009's: nobody has to say who they are, either token takes the whole
 * grant with it, and a token that is gone already is an error.
 */
export function revokeReply(grants: Grants, counters: Counters, token: string): Reply {
  const grant = grants.of(token);
  if (!grant || grant.revokedAtMs !== null) return refusal('invalid_token', 'Token expired or revoked');
  if (grant.clientId !== application.clientId) return refusal('invalid_request', 'Token is not revocable.');
  grants.revokeGrant(grant.id);
  counters.add('revocations');
  return { status: 200, body: {} };
}
