import { isIP } from 'node:net';
import type { AddressRules } from '../../platform/public-address.ts';
import { webhookProblems } from './problems.ts';

/** Names that lead to this machine everywhere (RFC 6761, 6.3). */
const LOCAL_NAME = /^(.+\.)?localhost$/;
const LOOPBACK = '127.0.0.1';

export interface UrlRules {
  /** Of `npm start` alone. */
  readonly allowsHttp: boolean;
  readonly addresses: AddressRules;
}

/**
 * The address of an endpoint in its normal form. Throws `webhook_url_refused` for one that is not taken. The worker checks
 * what a name resolves to whenever it delivers; this tells a person early what would never work.
 */
export function checkUrl(text: string, { allowsHttp, addresses }: UrlRules): string {
  const url = URL.parse(text);
  if (!url) throw webhookProblems.urlRefused('It is not a URL.');
  const isSecure = url.protocol === 'https:';
  if (!isSecure && !(allowsHttp && url.protocol === 'http:')) {
    throw webhookProblems.urlRefused('It does not begin with https://, so events could be read on their way.');
  }
  if (url.username !== '' || url.password !== '') {
    throw webhookProblems.urlRefused('It has a user name or a password in it; the signature says who sends.');
  }
  if (url.hash !== '' || text.includes('#'))
    throw webhookProblems.urlRefused('It has a fragment, which is never sent.');
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const address = LOCAL_NAME.test(host) ? LOOPBACK : host;
  if (isIP(address) !== 0 && !addresses.allows(host, address)) {
    throw webhookProblems.urlRefused(`Its host ${host} is not on the public internet.`);
  }
  return url.href;
}
