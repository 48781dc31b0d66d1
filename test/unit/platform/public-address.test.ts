import { describe, expect, test } from 'vitest';
import { createAddressRules, isPublicAddress } from '../../../platform/public-address.ts';

const loopback = ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '0.0.0.0', '::', '::7f00:1'];
const linkLocal = ['169.254.169.254', 'fe80::1', 'fe80::1%eth0', '::ffff:169.254.169.254'];
const metadata = [
  '168.63.129.16',
  '::ffff:168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
];
const inside = ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fc00::1', 'fd12::1'];
const notUnicast = ['224.0.0.1', '255.255.255.255', '240.0.0.1', 'ff02::1', '192.0.2.1', '198.18.0.1', '2001:db8::1'];
const tunnels = [
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:0:7f00:1::',
  '::ffff:0:7f00:1',
  'fec0::1',
  '5f00::1',
  '100::1',
];
const open = ['8.8.8.8', '1.1.1.1', '172.32.0.1', '::ffff:8.8.8.8', '2606:4700::1111', '2001:4860:4860::8888'];

describe('a public address', () => {
  test.for([...loopback, ...linkLocal, ...metadata, ...inside, ...notUnicast, ...tunnels])('%s is none', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
  test.for(open)('%s is one', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
  test.for(['', 'example.com', '8.8.8', '0x08080808', '8.8.8.8/8'])('"%s" is no address', (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });
});

describe('an operator’s list', () => {
  const allowed = (list: string, address: string, host = address): boolean =>
    createAddressRules(list).allows(host, address);

  test('a private network is opened by its own network', () => {
    for (const address of inside) expect(allowed('', address)).toBe(false);
    expect(allowed('10.0.0.0/8, fd00::/8', '10.1.2.3')).toBe(true);
    expect(allowed('10.0.0.0/8, fd00::/8', 'fd12::1')).toBe(true);
    expect(allowed('10.0.0.0/8', '::ffff:10.1.2.3')).toBe(true);
    expect(allowed('10.0.0.0/8', '192.168.1.1')).toBe(false);
  });

  test('no network, however large, opens this machine, link-local addresses or metadata', () => {
    const everything = '0.0.0.0/0,::/0,127.0.0.0/8,169.254.0.0/16,fd00::/8,168.63.129.0/24';
    for (const address of [...loopback, ...linkLocal, ...metadata]) expect(allowed(everything, address)).toBe(false);
  });

  test('exactly the address, or the name of the host, opens it and nothing else', () => {
    expect(allowed('127.0.0.1', '127.0.0.1')).toBe(true);
    expect(allowed('127.0.0.1', '127.0.0.2')).toBe(false);
    expect(allowed('Hooks.Internal', '127.0.0.1', 'hooks.internal.')).toBe(true);
    expect(allowed('hooks.internal', '127.0.0.1', 'other.internal')).toBe(false);
    expect(allowed('::1', '::1', '[::1]')).toBe(true);
  });
});
