import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Invited } from '../support/platform.ts';
import { comeIn, connectBy, waysIn } from '../support/ways.ts';
import { isDiscovered, startDiscoveryStack, type DiscoveryStack } from './support/discovery-stack.ts';

interface Lease {
  readonly expiresAt: string | null;
}

describe.skipIf(inject('components').temporal === null)('every connection method', { timeout: 120_000 }, () => {
  let world: DiscoveryStack;
  beforeAll(async () => {
    world = await startDiscoveryStack();
  }, 120_000);
  afterAll(async () => await world.close(), 60_000);

  describe.each(waysIn)('$name', (way) => {
    test('a connection is made, read, refreshed on request, verified, reauthorized and disconnected', async () => {
      const { platform } = world;
      const { id, account, problem } = await connectBy(world, way, { name: way.name });
      const at = (verb: string): string => `/v1/connections/${id}${verb}`;
      expect({ problem, account: account?.id }).toEqual({ problem: null, account: expect.any(String) as string });

      const lease = await platform.call<Lease>('GET', at('/credentials'));
      await platform.call('POST', at('/refresh'));
      const renewed = await platform.get(id);
      expect(renewed).toMatchObject({ status: 'active', credential: { generation: 2 } });
      const another = await platform.call<Lease>('GET', at('/credentials'));
      expect(Date.parse(another.expiresAt ?? '9999')).toBeGreaterThanOrEqual(Date.parse(lease.expiresAt ?? '9999'));
      await platform.call('POST', at('/verify'));

      const again = await platform.call<Invited>('POST', at('/reauthorize'));
      const back = await comeIn(world, way, again);
      expect(back).toMatchObject({ id, account: { id: account?.id }, status: 'active' });

      await platform.call('DELETE', at(''));
      const { tombstone } = await platform.until(id, 'disconnected', 30_000);
      expect(tombstone?.revocation.outcome).toMatch(/^(revoked|unsupported|nothing_to_revoke)$/);
      await expect(platform.call('GET', at('/credentials'))).rejects.toMatchObject({ status: 409 });
    });
  });

  test.each(waysIn.filter(({ cloud }) => cloud === 'ovh'))(
    '$name: discovery lists every kind by the program',
    async (way) => {
      const { id } = await connectBy(world, way);
      const { discovery } = await world.platform.until(id, isDiscovered, 60_000);
      expect(discovery?.last).toMatchObject({ lists: 29, notice: null });
    },
  );

  test('every history of these connections replays, so that any worker can take them over', async () => {
    const { replayed, failures } = await world.replay();
    expect(failures).toEqual([]);
    expect(replayed).toBeGreaterThan(waysIn.length);
  });
});
