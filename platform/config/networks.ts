import { BlockList, isIP, isIPv4 } from 'node:net';

const privateNetworks = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateNetworks.addSubnet(network, prefix, 'ipv4');
}
privateNetworks.addAddress('::1', 'ipv6');
privateNetworks.addSubnet('fc00::', 7, 'ipv6');
privateNetworks.addSubnet('fe80::', 10, 'ipv6');

/** RFC 6762, RFC 8375, and what clouds and Kubernetes use inside. */
const PRIVATE_NAME = /^[^.]+$|\.(localhost|local|internal|lan|home\.arpa|svc|svc\.cluster\.local)$/i;

/** Whether a host (an IPv6 address with or without brackets) is on this machine or in a private network by its name. */
export function isPrivateHost(host: string): boolean {
  const address = host.replaceAll(/[[\]]/g, '');
  if (isIP(address) === 0) return PRIVATE_NAME.test(address);
  return privateNetworks.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);

const NAMED = new Set(['loopback', 'linklocal', 'uniquelocal']);
/** A network larger than this is not one of reverse proxies. */
const WIDEST = { ipv4: 8, ipv6: 16 } as const;

interface JudgedProxies {
  /** Entries that are no network. */
  readonly invalid: readonly string[];
  /** Networks that no installation owns. */
  readonly tooWide: readonly string[];
}

/** How a list of reverse proxies is wrong. */
export function judgeProxies(list: string): JudgedProxies {
  const entries = list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && !NAMED.has(entry));
  const judged = entries.map((entry) => [entry, judge(entry)] as const);
  const named = (verdict: Verdict) => judged.filter(([, one]) => one === verdict).map(([entry]) => entry);
  return { invalid: named('invalid'), tooWide: named('too wide') };
}

type Verdict = 'invalid' | 'too wide' | 'fine';

function judge(entry: string): Verdict {
  const [address = '', mask, ...more] = entry.split('/');
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = mask === undefined ? bits : prefixOf(mask);
  if (version === 0 || more.length > 0 || prefix === undefined || prefix > bits) return 'invalid';
  if (version === 4) return prefix < WIDEST.ipv4 ? 'too wide' : 'fine';
  return prefix < WIDEST.ipv6 || coversIpv4(address, prefix) ? 'too wide' : 'fine';
}

/** `8`, or for IPv4 `255.0.0.0`. */
function prefixOf(mask: string): number | undefined {
  if (/^\d{1,3}$/.test(mask)) return Number(mask);
  if (!isIPv4(mask)) return undefined;
  const binary = mask.split('.').map((byte) => Number(byte).toString(2).padStart(8, '0'));
  return /^(1*)0*$/.exec(binary.join(''))?.[1]?.length;
}

/** Proxies are compared as IPv6 too, where an IPv4 address is one of `::ffff:0:0/96`. */
function coversIpv4(address: string, prefix: number): boolean {
  if (prefix >= 96 + WIDEST.ipv4) return false;
  const [network, mapped] = [new BlockList(), new BlockList()];
  network.addSubnet(address, prefix, 'ipv6');
  mapped.addSubnet('::ffff:0:0', 96, 'ipv6');
  return network.check('::ffff:808:808', 'ipv6') || mapped.check(address, 'ipv6');
}
