import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { largeAccounts } from '../support/large-accounts.ts';
import { connectBy, waysIn } from '../support/ways.ts';
import { isDiscovered, startDiscoveryStack, type DiscoveryStack } from './support/discovery-stack.ts';

const SIZE = 10_000;

describe.skipIf(inject('components').temporal === null)('accounts with 10,000 resources', { timeout: 240_000 }, () => {
  let world: DiscoveryStack;
  beforeAll(async () => {
    world = await startDiscoveryStack();
    for (const { grow } of largeAccounts) await grow(world.cloud, SIZE);
  }, 120_000);
  afterAll(async () => await world.close(), 60_000);

  /** The ids of all resources of one kind, as the export has them. */
  const idsOf = async (id: string, kind: string): Promise<string[]> => {
    const { api, apiKey } = world.stack.info();
    const headers = { authorization: `Bearer ${apiKey}` };
    const response = await fetch(`${api}/v1/connections/${id}/resources.ndjson?kind=${kind}`, { headers });
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    return lines.map((line) => (JSON.parse(line) as { id: string }).id);
  };

  test.each(largeAccounts)(
    '$cloud: every row arrives once, and a second pass without a change tells of none',
    async (of) => {
      const way = waysIn.find(({ name }) => name === of.way) ?? expect.fail(`no way in is called ${of.way}`);
      const { id } = await connectBy(world, way);
      const { discovery } = await world.platform.until(id, isDiscovered, 120_000);
      expect(discovery?.last).toMatchObject({ failed: 0, partial: 0 });
      const first = await idsOf(id, of.kind);
      expect(first.length).toBeGreaterThanOrEqual(SIZE);
      expect(new Set(first).size).toBe(first.length);

      const again = await world.discoverAgain(id);
      expect(again.discovery?.last).toMatchObject({ failed: 0, partial: 0, added: 0, removed: 0, changed: 0 });
      expect((await idsOf(id, of.kind)).toSorted()).toEqual(first.toSorted());
      const changes = await world.platform.call('GET', `/v1/resources/changes?connection=${id}`);
      expect(changes).toMatchObject({ items: [{ reason: 'first_discovery' }], nextCursor: null });
    },
  );
});
