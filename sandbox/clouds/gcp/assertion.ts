import type { CloudContext, Reply } from '../../core/cloud.ts';
import { serviceAccounts } from './accounts.ts';
import { claimsOf } from './jws.ts';
import type { Keys } from './keys.ts';
import type { GcpSettings } from './settings.ts';
import { refusal } from './refusal.ts';

const LONGEST_SECONDS = 3600;

/** Checks a service account's assertion (RFC 7523, 3) and says what it asks for; refuses in Google's words. */
export function redeemAssertion(
  { clock, settings, counters }: CloudContext<GcpSettings>,
  keys: Keys,
  assertion: string,
): { clientId: string; account: string; scope: string } | Reply {
  const claims = claimsOf(assertion);
  const { iss, aud, scope, iat, exp } = claims ?? {};
  const account = serviceAccounts.find(({ email }) => email === iss);
  if (!claims) return refusal('invalid_grant', 'Invalid JWT: Failed to parse.');
  if (!account) return refusal('invalid_grant', 'Invalid grant: account not found');
  const now = clock.now() / 1000;
  const isTimely =
    typeof iat === 'number' &&
    typeof exp === 'number' &&
    exp - iat <= LONGEST_SECONDS &&
    Math.abs(iat - now) <= settings().assertionLeewaySeconds;
  if (!isTimely) {
    const text =
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.';
    return refusal('invalid_grant', text);
  }
  // By its path alone: what stands between Mooring and the sandbox (a proxy that breaks connections) has an address too.
  if (typeof aud !== 'string' || URL.parse(aud)?.pathname !== '/gcp/token') {
    return refusal('invalid_grant', 'Invalid JWT: aud is not the token endpoint.');
  }
  if (!keys.signed(assertion, account.email)) return refusal('invalid_grant', 'Invalid JWT Signature.');
  if (typeof scope !== 'string' || scope === '')
    return refusal('invalid_scope', 'Invalid OAuth scope or ID token audience provided.');
  counters.add('assertionsRedeemed');
  return { clientId: account.email, account: account.id, scope };
}
