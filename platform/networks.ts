import { BlockList, isIP } from 'node:net';

interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Addresses and networks in CIDR notation (RFC 4632, RFC 4291). */
export interface Networks {
  /** False for anything that is not an address. An IPv4 address counts also in its IPv6 form, `::ffff:…`. */
  has(address: string): boolean;
  /** Whether all addresses of another network are in one of these. */
  covers(network: string): boolean;
}

export const isNetwork = (text: string): boolean => parseNetwork(text) !== undefined;

/** RangeError for a text that is neither an address nor a network. */
export function createNetworks(texts: readonly string[]): Networks {
  const networks = texts.map((text) => {
    const network = parseNetwork(text);
    if (!network) throw new RangeError(`"${text}" is neither an IP address nor a network such as 192.0.2.0/24.`);
    const list = new BlockList();
    list.addSubnet(network.address, network.prefix, network.family);
    return { ...network, list };
  });
  return {
    has(given) {
      // The zone of a link-local address says through which interface it came, and belongs to no network.
      const address = given.replace(/%.*$/, '');
      const version = isIP(address);
      return version !== 0 && networks.some(({ list }) => list.check(address, familyOf(version)));
    },
    covers(text) {
      const inner = parseNetwork(text);
      if (!inner) return false;
      return networks.some(
        ({ family, prefix, list }) =>
          family === inner.family && prefix <= inner.prefix && list.check(inner.address, family),
      );
    },
  };
}

function parseNetwork(text: string): Network | undefined {
  const [, address = '', bits] = /^([0-9A-Fa-f:.]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const width = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? width : Number(bits);
  return prefix <= width ? { address, prefix, family: familyOf(version) } : undefined;
}

const familyOf = (version: number): 'ipv4' | 'ipv6' => (version === 4 ? 'ipv4' : 'ipv6');
