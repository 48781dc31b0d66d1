import { createHash } from 'node:crypto';
import type { Credential } from './credential.ts';

/** Headers that authenticate one GET. */
export type Authenticate = (url: string) => Promise<Readonly<Record<string, string>>>;

/**
 * `serverTime` answers `GET /auth/time` (unix seconds) and is asked once: a clock that is off breaks every signature.
 * The signature is `$1$` + SHA-1 of secret, consumer key, method, URL, body and time (OVHcloud's API guide).
 */
export function createAuthenticate(
  credential: Credential,
  now: () => number,
  serverTime: (headers: Readonly<Record<string, string>>) => Promise<number>,
): Authenticate {
  if (credential.kind === 'token') {
    const headers = { authorization: `Bearer ${credential.accessToken.reveal()}` };
    return async () => await Promise.resolve(headers);
  }
  const { applicationKey, applicationSecret, consumerKey } = credential;
  const application = { 'x-ovh-application': applicationKey.reveal() };
  const nowSeconds = (): number => Math.floor(now() / 1000);
  let aheadSeconds: Promise<number> | undefined;

  return async (url) => {
    aheadSeconds ??= serverTime(application).then((time) => time - nowSeconds());
    const timestamp = String(nowSeconds() + (await aheadSeconds));
    const signed = [applicationSecret.reveal(), consumerKey.reveal(), 'GET', url, '', timestamp].join('+');
    return {
      ...application,
      'x-ovh-consumer': consumerKey.reveal(),
      'x-ovh-timestamp': timestamp,
      'x-ovh-signature': `$1$${createHash('sha1').update(signed).digest('hex')}`,
    };
  };
}
