import { describe, expect, it } from 'vitest';
import { createNetworks, isNetwork } from '../../../platform/networks.ts';

describe('networks', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['192.0.2.0/24', '::ffff:192.0.2.9', true],
    ['2001:db8::/32', '2001:db8:1::5', true],
    ['2001:db8::/32', '2001:db9::5', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', 'not-an-address', false],
    ['0.0.0.0/0', '192.0.2.1:443', false],
  ])('the network %s has the address %s: %s', (network, address, has) => {
    expect(createNetworks([network]).has(address)).toBe(has);
  });

  it.each(['192.0.2.0/33', '2001:db8::/129', '192.0.2', '192.0.2.0/', 'example.com', '', '192.0.2.0/24 ', '::1%lo'])(
    'the text "%s" is no network',
    (text) => {
      expect(isNetwork(text)).toBe(false);
      expect(() => createNetworks([text])).toThrow(RangeError);
    },
  );

  it('a network covers those that are within it, and no wider one and none of the other family', () => {
    const networks = createNetworks(['10.0.0.0/8', '2001:db8::/32']);
    const covered = ['10.0.0.0/8', '10.9.0.0/16', '10.1.2.3', '2001:db8:5::/48'];
    for (const network of covered) expect([network, networks.covers(network)]).toEqual([network, true]);
    const others = ['0.0.0.0/0', '10.0.0.0/7', '11.0.0.1', '2001:db8::/31', '::ffff:10.0.0.0/120', 'nonsense'];
    for (const network of others) expect([network, networks.covers(network)]).toEqual([network, false]);
  });
});
