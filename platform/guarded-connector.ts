import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { AddressRules } from './public-address.ts';

/** The host of a URL, or what its name stands for, is one that must not be reached. */
export class AddressNotAllowed extends Error {
  override readonly name = 'AddressNotAllowed';
  readonly code = 'ADDRESS_NOT_ALLOWED';

  constructor(host: string) {
    super(`${host} is, or stands for, an address that must not be reached.`);
  }
}

export interface GuardOptions {
  readonly rules: AddressRules;
  /** Authorities in PEM; undefined = Node's own. */
  readonly authorities: readonly string[] | undefined;
  readonly connectTimeoutMs: number;
  /** As `dns.lookup`; left out: that. */
  readonly lookup?: LookupFunction;
}

/**
 * Connects where the rules allow it. Checked are the host itself, because a literal address is never looked up; what its
 * name stands for; and the address that the socket is connected to, whichever way it got there.
 */
export function createGuardedConnector(options: GuardOptions): buildConnector.connector {
  const { rules, authorities, connectTimeoutMs, lookup = systemLookup } = options;
  return (target, callback) => {
    const host = hostOf(target.hostname);
    if (isIP(host) !== 0 && !rules.allows(host, host)) return callback(new AddressNotAllowed(host), null);
    const connect = buildConnector({
      ...(authorities && { ca: [...authorities] }),
      timeout: connectTimeoutMs,
      lookup: guardedLookup(rules, lookup),
      maxCachedSessions: 0,
    });
    return connect(target, (...[error, socket]) => {
      if (error) return callback(error, null);
      const { remoteAddress } = socket;
      if (remoteAddress !== undefined && rules.allows(host, remoteAddress)) return callback(null, socket);
      socket.destroy();
      return callback(new AddressNotAllowed(host), null);
    });
  };
}

/** Rejects with {@link AddressNotAllowed} where a name stands for an address that is not allowed; else answers nothing. */
export async function assertAllowed({ rules, lookup = systemLookup }: GuardOptions, hostname: string): Promise<void> {
  const host = hostOf(hostname);
  const addresses = isIP(host) === 0 ? await addressesOf(host, lookup) : [host];
  if (addresses.some((address) => !rules.allows(host, address))) throw new AddressNotAllowed(host);
}

/** Empty where the name is not known here: a proxy may know it. */
const addressesOf = async (host: string, lookup: LookupFunction): Promise<readonly string[]> =>
  await new Promise((resolve) => {
    lookup(host, { all: true }, (error, found) => {
      resolve(error ? [] : typeof found === 'string' ? [found] : found.map(({ address }) => address));
    });
  });

/** Every address is checked, although one is used: which one is not decided here. */
const guardedLookup =
  (rules: AddressRules, lookup: LookupFunction): LookupFunction =>
  (host, options, callback) =>
    lookup(host, options, (error, found, family) => {
      const addresses = error ? [] : typeof found === 'string' ? [found] : found.map(({ address }) => address);
      if (!error && addresses.every((address) => rules.allows(host, address))) return callback(null, found, family);
      return callback(error ?? new AddressNotAllowed(host), found, family);
    });

const hostOf = (hostname: string): string => hostname.replaceAll(/[[\]]/g, '');
