import ipaddr from 'ipaddr.js';

/** Where a large cloud answers its own machines. It stands in no list of special addresses. */
const CLOUD_HOST = '168.63.129.16';
/** All of IPv6 that is given to anyone begins so (RFC 4291, 2.4). */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');
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
  if (ipaddr.isValid(host)) {
    return dev || isPublic(host) ? undefined : 'must not lead to a private or reserved IP address';
  }
  if (!HOST_NAME.test(host)) return 'must have a host name of letters, digits and hyphens';
  if (!dev && LOCAL_NAME.test(host)) return 'must not lead to the machine of whoever opens it';
  return undefined;
}

/** An IPv6 address that stands for an IPv4 address is judged as that. */
function isPublic(host: string): boolean {
  const address = ipaddr.process(host);
  if (address.range() !== 'unicast' || address.toString() === CLOUD_HOST) return false;
  return address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST);
}
