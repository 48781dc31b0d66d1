import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** Letters, digits and hyphens (RFC 952, RFC 1123, 2.1). Other characters could end a directive of a header. */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const PRINTABLE = /^[\x21-\x7E]+$/;
const LOCAL_NAME = /(^|\.)localhost$/;

/**
 * Why a web address that a person typed is not to be given to customers' browsers, to follow the name of a field.
 * Undefined where nothing is wrong. In development, http and this machine are allowed.
 */
export function whyNotPublic(text: string, { dev }: { readonly dev: boolean }): string | undefined {
  const url = URL.parse(text);
  if (!url || !(text.startsWith('https://') || (dev && text.startsWith('http://'))))
    return 'must be an https:// address';
  // Browsers would drop or encode the others, and every program in its own way.
  if (!PRINTABLE.test(text)) return 'must have no spaces, and no characters beyond ASCII';
  if (url.username !== '' || url.password !== '') return 'must not have a user name or a password in it';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (isIP(host) !== 0) {
    return dev || isPublicAddress(host) ? undefined : 'must not lead to a private or reserved IP address';
  }
  if (!HOST_NAME.test(host)) return 'must have a host name of letters, digits and hyphens';
  if (!dev && LOCAL_NAME.test(host)) return 'must not lead to the machine of whoever opens it';
  return undefined;
}
