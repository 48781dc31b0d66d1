import { createHash } from 'node:crypto';

import type { Static } from 'typebox';

import { Secret } from '../../../platform/secret.ts';
import type { ApplicationKeysSchema } from '../schema.ts';

/** What signs requests: an application, and the consumer key with which a customer lets it act. */
export interface ApplicationKeys {
  readonly applicationKey: Secret<string>;
  readonly applicationSecret: Secret<string>;
  readonly consumerKey: Secret<string>;
}

export const keysOf = (record: Static<typeof ApplicationKeysSchema>): ApplicationKeys => ({
  applicationKey: new Secret(record.application_key),
  applicationSecret: new Secret(record.application_secret),
  consumerKey: new Secret(record.consumer_key),
});

/** One request, as it is sent: the signature covers method, URL and body to the letter. */
export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Headers that authenticate one request. */
export type Authenticate = (request: Outgoing) => Promise<Readonly<Record<string, string>>>;

/** `GET /auth/time` with these headers. */
export type ServerTime = (headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<number>;

/**
 * `serverTime` answers `GET /auth/time` (unix seconds) and is asked once: a clock that is off breaks every signature.
 * The signature is `$1$` + SHA-1 of secret, consumer key, method, URL, body and time (OVHcloud's API guide).
 */
export function createSigner(
  { applicationKey, applicationSecret, consumerKey }: ApplicationKeys,
  now: () => number,
  serverTime: ServerTime,
): Authenticate {
  const application = { 'x-ovh-application': applicationKey.reveal() };
  const nowSeconds = (): number => Math.floor(now() / 1000);
  let aheadSeconds: Promise<number> | undefined;

  return async ({ method, url, body, signal }) => {
    aheadSeconds ??= serverTime(application, signal).then((time) => time - nowSeconds());
    const timestamp = String(nowSeconds() + (await aheadSeconds));
    const text = [applicationSecret.reveal(), consumerKey.reveal(), method, url, body, timestamp].join('+');
    return {
      ...application,
      'x-ovh-consumer': consumerKey.reveal(),
      'x-ovh-timestamp': timestamp,
      'x-ovh-signature': `$1$${createHash('sha1').update(text).digest('hex')}`,
    };
  };
}

export function bearer(accessToken: Secret<string>): Authenticate {
  const headers = { authorization: `Bearer ${accessToken.reveal()}` };
  return () => Promise.resolve(headers);
}
