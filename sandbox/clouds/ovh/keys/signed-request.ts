import { createHash, timingSafeEqual } from 'node:crypto';

import type { SandboxRequest } from '../../../core/cloud.ts';
import { findAccount } from '../accounts.ts';
import { apiErrors } from '../api-errors.ts';
import type { Authenticator } from '../authenticate.ts';
import { apiSeconds, type OvhContext } from '../context.ts';
import type { Applications, AccessRule, ConsumerKeys } from './consumer-keys.ts';

/** How far a signature's time may be off. */
const TOLERANCE_SECONDS = 30;

/** No rule is needed to ask about the credential itself. */
const ALWAYS_GRANTED = /^\/auth\/(details|currentCredential)$/;

/** Requests signed with an application's secret and a consumer key, as OVHcloud's API guide has it. */
export const signedRequest =
  (context: OvhContext, keys: { applications: Applications; consumerKeys: ConsumerKeys }): Authenticator =>
  (request, region) => {
    const header = (name: string) => String(request.headers[`x-ovh-${name}`] ?? '');
    if (header('application') === '') return undefined;
    const application = keys.applications.find(region.id, header('application'));
    if (!application) return { refusal: apiErrors.invalidKey };
    if (header('consumer') === '') return { refusal: apiErrors.notSignedIn };
    const found = keys.consumerKeys.find(header('consumer'));
    if (found?.applicationKey !== application.key) return { refusal: apiErrors.noSuchCredential };
    const account = findAccount(found.account);
    if (found.state !== 'validated' || !account) return { refusal: apiErrors.invalidCredential };
    const timestamp = header('timestamp');
    const isOff = Math.abs(Number(timestamp) - apiSeconds(context)) > TOLERANCE_SECONDS;
    if (timestamp === '' || isOff) return { refusal: apiErrors.outOfTime };
    const parts = { secret: application.secret, consumerKey: found.consumerKey, timestamp };
    if (!isSigned(request, header('signature'), parts)) return { refusal: apiErrors.invalidSignature };
    const path = request.path.slice(region.id.length + 1).replace(/^\/1\.0/, '');
    if (!isGranted(found.rules, request.method, path)) return { refusal: apiErrors.notGrantedCall };
    return {
      caller: { account, method: 'account', identity: `account:${account.nichandle}`, consumerKey: found.consumerKey },
    };
  };

function isSigned(
  { method, address, headers, body }: SandboxRequest,
  signature: string,
  { secret, consumerKey, timestamp }: { secret: string; consumerKey: string; timestamp: string },
): boolean {
  // A proxy in front may have ended TLS: the client signed what it called.
  return ['http', 'https'].some((scheme) => {
    const url = `${scheme}://${headers.host ?? ''}${address}`;
    const text = [secret, consumerKey, method, url, body, timestamp].join('+');
    const expected = Buffer.from(`$1$${createHash('sha1').update(text).digest('hex')}`);
    const given = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
}

function isGranted(rules: readonly AccessRule[], method: string, path: string): boolean {
  if (ALWAYS_GRANTED.test(path)) return true;
  return rules.some((rule) => rule.method === method && matches(rule.path, path));
}

/** `/me*` and `/cloud/*` are prefixes; a star elsewhere stands for anything too. */
function matches(pattern: string, path: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(path);
}
