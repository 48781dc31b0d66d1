/** Printable, unambiguous in a path and in a Vault policy; wide enough for role ARNs, e-mail addresses and refs. */
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9_.:@=+,~-]{1,256}$/;

/**
 * Keys are made by Mooring, but parts of them come from outside (a key id, a reference). A segment that could
 * lead out of its gate is a bug of the caller: a RangeError, before anything is sent.
 */
export function assertSecretKey(key: string): void {
  if (!key.split('/').every((segment) => SEGMENT.test(segment))) {
    throw new RangeError('A secret key has segments of letters, digits and _.:@=+,~- joined by "/", and no others.');
  }
}

/** A prefix is '' or a key followed by "/". */
export function assertSecretPrefix(prefix: string): void {
  if (prefix === '') return;
  if (!prefix.endsWith('/')) throw new RangeError('A prefix of secret keys is empty or ends in "/".');
  assertSecretKey(prefix.slice(0, -1));
}

/** For a URL's path: `:` `@` `+` `,` are legal there (RFC 3986, 3.3), but not every proxy knows. */
export const encodeSecretKey = (key: string): string => key.split('/').map(encodeURIComponent).join('/');
