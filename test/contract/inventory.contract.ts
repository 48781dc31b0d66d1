import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { createInventory } from '../../stores/inventory/inventory.ts';
import type { DiscoveryPass } from '../../stores/inventory/pass.ts';
import type { Inventory } from '../../stores/inventory/port.ts';
import { kept, noChanges, problem, proven, row, writeTo, written } from './inventory.rows.ts';
import { createManualClock } from './manual-clock.ts';

/** What the inventory guarantees on every ephemeral store. */
export function inventoryContract(open: () => Promise<EphemeralStore>): void {
  const clock = createManualClock();
  let store: EphemeralStore;
  let inventory: Inventory;
  beforeAll(async () => {
    store = await open();
    inventory = createInventory({ ephemeral: store, clock });
  });
  afterAll(async () => {
    await store.close();
  });

  const all = async (connection: string) => (await inventory.page(connection, {}, null, 1_000)).rows;

  describe('lists', () => {
    it('a complete list replaces the old one, returns the differences, and is counted', async () => {
      const id = randomUUID();
      const first = await inventory.replace(writeTo(id), [row('a'), row('b'), row('c')], 'cli', proven);
      expect(first).toEqual(written({ added: [row('a'), row('b'), row('c')].map((each) => kept(each)) }));

      const changed = row('b', { summary: { flavor: 'b3-16' } });
      const second = await inventory.replace(writeTo(id), [row('d'), changed, row('a')], 'cli', proven);
      const fields = [{ field: 'summary.flavor', from: 'b3-8', to: 'b3-16' }];
      expect(second).toEqual(
        written({
          added: [kept(row('d'))],
          removed: [kept(row('c'))],
          changed: [{ row: kept(changed), fields }],
        }),
      );
      expect(await all(id)).toEqual([row('a'), changed, row('d')].map((each) => kept(each)));
      expect(await inventory.partitions(id)).toMatchObject([{ generation: 2, resources: 3, stale: null }]);
    });

    it('a list from another source with the same rows reports no change', async () => {
      const id = randomUUID();
      await inventory.replace(writeTo(id), [row('a')], 'cli', proven);
      const again = await inventory.replace(writeTo(id), [row('a', { source: 'rest' })], 'rest', proven);
      expect(again).toEqual(written());
      expect(await all(id)).toMatchObject([{ source: 'rest' }]);
    });

    it('a resource that a list names twice is stored as one row', async () => {
      const id = randomUUID();
      const result = await inventory.replace(writeTo(id), [row('a'), row('a')], 'cli', proven);
      expect(result?.added).toHaveLength(1);
      expect(await all(id)).toHaveLength(1);
    });

    it('a partial list deletes nothing, and the partition is marked stale with the reason', async () => {
      const id = randomUUID();
      await inventory.replace(writeTo(id), [row('a'), row('b')], 'cli', proven);
      const listedAt = new Date(clock.now()).toISOString();
      clock.advance(60);
      const seen = [row('b', { status: 'SHUTOFF' }), row('c')];
      const result = await inventory.merge(writeTo(id), seen, 'cli', problem);
      expect(result).toMatchObject({ added: [seen[1]], removed: [], changed: [{ row: seen[0] }], problem });
      expect((await all(id)).map(({ id: each, status }) => [each, status])).toEqual([
        ['a', 'ACTIVE'],
        ['b', 'SHUTOFF'],
        ['c', 'ACTIVE'],
      ]);
      const since = new Date(clock.now()).toISOString();
      expect(await inventory.partitions(id)).toEqual([
        {
          kind: 'instance',
          project: 'p1',
          generation: 1,
          resources: 3,
          regions: { [row('a').region ?? '']: 3 },
          listedAt,
          source: 'cli',
          stale: { since, problem },
          denied: null,
        },
      ]);
    });

    it('a failed list keeps the last good rows as stale, with the time of the first failure, until one succeeds', async () => {
      const id = randomUUID();
      await inventory.replace(writeTo(id), [row('a')], 'cli', proven);
      expect(await inventory.markStale(writeTo(id), problem)).toEqual(written({ problem }));
      const since = new Date(clock.now()).toISOString();
      clock.advance(3_600);
      await inventory.markStale(writeTo(id), problem);
      expect(await inventory.partitions(id)).toMatchObject([{ resources: 1, stale: { since, problem } }]);
      expect(await all(id)).toEqual([kept(row('a'))]);
      await inventory.replace(writeTo(id), [row('a')], 'cli', proven);
      expect(await inventory.partitions(id)).toMatchObject([{ stale: null }]);
    });

    it('a list that failed and never succeeded is reported as stale and never listed', async () => {
      const id = randomUUID();
      await inventory.markStale(writeTo(id), problem);
      expect(await inventory.partitions(id)).toMatchObject([{ resources: 0, listedAt: null, stale: { problem } }]);
      expect(await all(id)).toEqual([]);
    });

    it('no partition is lost when fifty are written at once', async () => {
      const id = randomUUID();
      const projects = Array.from({ length: 50 }, (_, n) => `p${n}`);
      await Promise.all(
        projects.map(async (project) => {
          await inventory.replace(writeTo(id, 'instance', project), [row('a', { project })], 'cli', proven);
        }),
      );
      expect((await inventory.partitions(id)).map(({ project }) => project)).toEqual(projects.toSorted());
      expect(await all(id)).toHaveLength(50);
    });

    it('the partitions of deleted projects are dropped, and their resources are returned as removed', async () => {
      const id = randomUUID();
      await inventory.replace(writeTo(id), [row('a')], 'cli', proven);
      await inventory.replace(writeTo(id, 'instance', 'p2'), [row('b', { project: 'p2' })], 'cli', proven);
      const result = await inventory.retain(id, 1, [{ kind: 'instance', project: 'p1' }]);
      expect(result).toEqual({ ...noChanges, removed: [kept(row('b', { project: 'p2' }))] });
      expect(await all(id)).toEqual([kept(row('a'))]);
      expect(await inventory.retain(id, 1, [{ kind: 'instance', project: 'p1' }])).toEqual(noChanges);
    });
  });

  describe('a drop', () => {
    it('a drop deletes everything and refuses later writes of its epoch or an older one', async () => {
      const [id, other] = [randomUUID(), randomUUID()];
      await inventory.replace(writeTo(id, 'instance', 'p1', 2), [row('a')], 'cli', proven);
      await inventory.replace(writeTo(other), [row('a')], 'cli', proven);
      await inventory.drop(id, 2);
      await inventory.drop(id, 1);
      for (const epoch of [1, 2]) {
        const write = writeTo(id, 'instance', 'p1', epoch);
        expect(await inventory.replace(write, [row('b')], 'cli', proven)).toBeUndefined();
        expect(await inventory.merge(write, [row('b')], 'cli', problem)).toBeUndefined();
        expect(await inventory.markStale(write, problem)).toBeUndefined();
      }
      expect(await inventory.partitions(id)).toEqual([]);
      expect(await all(id)).toEqual([]);
      expect(await all(other)).toHaveLength(1);
      await inventory.replace(writeTo(id, 'instance', 'p1', 3), [row('c')], 'cli', proven);
      expect(await all(id)).toEqual([kept(row('c'))]);
    });

    it('a write that started before a drop and reaches the store after it is refused', async () => {
      const id = randomUUID();
      const arrived = Promise.withResolvers<undefined>();
      const held = Promise.withResolvers<undefined>();
      const slow = createInventory({
        clock,
        ephemeral: {
          ...store,
          changeFields: async (...args) => {
            arrived.resolve(undefined);
            await held.promise;
            return await store.changeFields(...args);
          },
        },
      });
      const writing = slow.replace(writeTo(id), [row('a')], 'cli', proven);
      await arrived.promise;
      await inventory.drop(id, 1);
      held.resolve(undefined);
      expect(await writing).toBeUndefined();
      expect(await inventory.partitions(id)).toEqual([]);
      expect(await all(id)).toEqual([]);
    });
  });

  describe('the newest discovery', () => {
    const pass = (epoch = 1): DiscoveryPass => ({
      epoch,
      trigger: 'scheduled',
      startedAt: '2030-01-01T00:00:00.000Z',
      finishedAt: null,
      summary: null,
    });

    it('the newest discovery is stored next to the partitions and is not one of them', async () => {
      const id = randomUUID();
      expect(await inventory.pass(id)).toBeUndefined();
      expect(await inventory.keepPass(id, pass())).toBe(true);
      await inventory.replace(writeTo(id), [row('a')], 'cli', proven);
      const ended = { ...pass(), finishedAt: '2030-01-01T00:01:00.000Z' };
      await inventory.keepPass(id, ended);
      expect(await inventory.pass(id)).toEqual(ended);
      expect(await inventory.partitions(id)).toHaveLength(1);
      expect(await all(id)).toEqual([kept(row('a'))]);
    });

    it('the newest discovery is kept when the projects are deleted', async () => {
      const id = randomUUID();
      await inventory.keepPass(id, pass());
      await inventory.replace(writeTo(id), [row('a')], 'cli', proven);
      expect(await inventory.retain(id, 1, [])).toEqual({ ...noChanges, removed: [kept(row('a'))] });
      expect(await inventory.pass(id)).toEqual(pass());
    });

    it('the newest discovery is dropped with the inventory and refused afterwards for its epoch', async () => {
      const id = randomUUID();
      await inventory.keepPass(id, pass());
      await inventory.drop(id, 1);
      expect(await inventory.pass(id)).toBeUndefined();
      expect(await inventory.keepPass(id, pass())).toBe(false);
      expect(await inventory.pass(id)).toBeUndefined();
      expect(await inventory.keepPass(id, pass(2))).toBe(true);
    });
  });
}
