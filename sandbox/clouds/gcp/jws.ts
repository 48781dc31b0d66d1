import { createSign, createVerify, type KeyObject } from 'node:crypto';
import type { CloudContext, Reply } from '../../core/cloud.ts';
import { serviceAccounts } from './accounts.ts';
import type { Keys } from './keys.ts';
import type { GcpSettings } from './settings.ts';
import { refusal } from './refusal.ts';

type Claims = Readonly<Record<string, unknown>>;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT signed with RS256 (RFC 7515, 3.1). */
export function signed(claims: Claims, privateKey: KeyObject): string {
  const input = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${input}.${createSign('RSA-SHA256').update(input).sign(privateKey).toString('base64url')}`;
}

/** The claims, not verified yet; undefined if it is not a JWT with RS256. */
function claimsOf(jwt: string): Claims | undefined {
  try {
    const [header = '', payload = ''] = jwt.split('.');
    const { alg } = parse(header);
    return alg === 'RS256' ? parse(payload) : undefined;
  } catch {
    return undefined;
  }
}

export function isSignedBy(jwt: string, publicKeyPem: string): boolean {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const verify = createVerify('RSA-SHA256').update(`${header}.${payload}`);
  return verify.verify(publicKeyPem, Buffer.from(signature, 'base64url'));
}

const parse = (part: string): Claims => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Claims;

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
