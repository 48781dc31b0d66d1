import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { createNetworks, isNetwork } from './networks.ts';

/** Where clouds answer their own machines, beyond link-local addresses: tokens and start-up data. */
const METADATA: ReadonlySet<string> = new Set([
  // Of clouds that give it an ordinary address.
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  // In IPv6.
  'fd00:ec2::254',
  'fd20:ce::254',
]);

/** RFC 1918, RFC 6598 and RFC 4193: the networks of an installation. */
const PRIVATE: ReadonlySet<string> = new Set(['private', 'carrierGradeNat', 'uniqueLocal']);

/** All of IPv6 that is given to anyone begins so (RFC 4291, 2.4, and IANA's registry): 2000::/3. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

type Tier = 'public' | 'private' | 'never';

/** True for an IP address that anyone may reach. False for a name, and for anything else that is no address. */
export const isPublicAddress = (address: string): boolean => tierOf(address) === 'public';

function tierOf(text: string): Tier {
  const address = parsed(text);
  if (!address || METADATA.has(address.toString())) return 'never';
  const range = address.range();
  if (PRIVATE.has(range)) return 'private';
  if (range !== 'unicast') return 'never';
  return address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST) ? 'public' : 'never';
}

/** An IPv4 address in its IPv6 form (`::ffff:…`) is that IPv4 address. */
function parsed(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const bare = text.replaceAll(/[[\]]/g, '').replace(/%.*$/, '');
  return isIP(bare) === 0 ? undefined : ipaddr.process(bare);
}

/** Which addresses a request may go to that somebody else has named. */
export interface AddressRules {
  /** `host`: of the URL, a name or an address; `address`: what it stands for. */
  allows(host: string, address: string): boolean;
}

/**
 * Public addresses are allowed. Private ones are where the list has their network. Everything else (this machine,
 * link-local addresses, the clouds' metadata services) is refused, unless the list has exactly that address, or exactly
 * the name of the host. `list`: addresses, networks and names, comma separated.
 */
export function createAddressRules(list: string): AddressRules {
  const entries = list.split(',').flatMap((entry) => entry.trim() || []);
  const networks = createNetworks(entries.filter((entry) => isNetwork(entry)));
  const exact = new Set(entries.map(exactly));
  return {
    allows(host, address) {
      const tier = tierOf(address);
      if (tier === 'public' || exact.has(exactly(host)) || exact.has(exactly(address))) return true;
      return tier === 'private' && networks.has(address.replaceAll(/[[\]]/g, ''));
    },
  };
}

/** One spelling of each name and address. */
const exactly = (host: string): string => parsed(host)?.toString() ?? host.toLowerCase().replace(/\.$/, '');
