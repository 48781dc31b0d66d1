import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { createInventory } from '../../stores/inventory/inventory.ts';
import type { DiscoveryPass } from '../../stores/inventory/pass.ts';
import type { Inventory } from '../../stores/inventory/port.ts';
import { noChanges, problem, row } from './inventory.rows.ts';
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

  const writeTo = (connection: string, kind = 'instance', project: string | null = 'p1', epoch = 1) => ({
    connection,
    epoch,
    kind,
    project,
  });
  const all = async (connection: string) => (await inventory.page(connection, {}, null, 1_000)).rows;

  describe('lists', () => {
    it('a complete list replaces the old one, returns the differences, and is counted', async () => {
      const id = randomUUID();
      const first = await inventory.replace(writeTo(id), [row('a'), row('b'), row('c')], 'cli');
      expect(first).toEqual({ ...noChanges, added: [row('a'), row('b'), row('c')] });

      const changed = row('b', { summary: { flavor: 'b3-16' } });
      const second = await inventory.replace(writeTo(id), [row('d'), changed, row('a')], 'cli');
      expect(second).toEqual({ added: [row('d')], removed: [row('c')], changed: [changed] });
      expect(await all(id)).toEqual([row('a'), changed, row('d')]);
      expect(await inventory.partitions(id)).toMatchObject([{ generation: 2, resources: 3, stale: null }]);
    });

    it('a list from another source with the same rows reports no change', async () => {
      const id = randomUUID();
      await inventory.replace(writeTo(id), [row('a')], 'cli');
      const again = await inventory.replace(writeTo(id), [row('a', { source: 'rest' })], 'rest');
      expect(again).toEqual(noChanges);
      expect(await all(id)).toMatchObject([{ source: 'rest' }]);
    });

    it('a resource that a list names twice is stored as one row', async () => {
      const id = randomUUID();
      const result = await inventory.replace(writeTo(id), [row('a'), row('a')], 'cli');
      expect(result?.added).toHaveLength(1);
      expect(await all(id)).toHaveLength(1);
    });

    it('a partial list deletes nothing, and the partition is marked stale with the reason', async () => {
      const id = randomUUID();
      await inventory.replace(writeTo(id), [row('a'), row('b')], 'cli');
      const listedAt = new Date(clock.now()).toISOString();
      clock.advance(60);
      const seen = [row('b', { status: 'SHUTOFF' }), row('c')];
      const result = await inventory.merge(writeTo(id), seen, 'cli', problem);
      expect(result).toEqual({ added: [seen[1]], removed: [], changed: [seen[0]] });
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
          listedAt,
          source: 'cli',
          stale: { since, problem },
        },
      ]);
    });

    it('a failed list keeps the last good rows as stale, with the time of the first failure, until one succeeds', async () => {
      const id = randomUUID();
      await inventory.replace(writeTo(id), [row('a')], 'cli');
      expect(await inventory.markStale(writeTo(id), problem)).toBe(true);
      const since = new Date(clock.now()).toISOString();
      clock.advance(3_600);
      await inventory.markStale(writeTo(id), problem);
      expect(await inventory.partitions(id)).toMatchObject([{ resources: 1, stale: { since, problem } }]);
      expect(await all(id)).toEqual([row('a')]);
      await inventory.replace(writeTo(id), [row('a')], 'cli');
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
          await inventory.replace(writeTo(id, 'instance', project), [row('a', { project })], 'cli');
        }),
      );
      expect((await inventory.partitions(id)).map(({ project }) => project)).toEqual(projects.toSorted());
      expect(await all(id)).toHaveLength(50);
    });

    it('the partitions of deleted projects are dropped, and their resources are returned as removed', async () => {
      const id = randomUUID();
      await inventory.replace(writeTo(id), [row('a')], 'cli');
      await inventory.replace(writeTo(id, 'instance', 'p2'), [row('b', { project: 'p2' })], 'cli');
      const result = await inventory.retain(id, 1, [{ kind: 'instance', project: 'p1' }]);
      expect(result).toEqual({ ...noChanges, removed: [row('b', { project: 'p2' })] });
      expect(await all(id)).toEqual([row('a')]);
      expect(await inventory.retain(id, 1, [{ kind: 'instance', project: 'p1' }])).toEqual(noChanges);
    });
  });

  describe('a drop', () => {
    it('a drop deletes everything and refuses later writes of its epoch or an older one', async () => {
      const [id, other] = [randomUUID(), randomUUID()];
      await inventory.replace(writeTo(id, 'instance', 'p1', 2), [row('a')], 'cli');
      await inventory.replace(writeTo(other), [row('a')], 'cli');
      await inventory.drop(id, 2);
      await inventory.drop(id, 1);
      for (const epoch of [1, 2]) {
        const write = writeTo(id, 'instance', 'p1', epoch);
        expect(await inventory.replace(write, [row('b')], 'cli')).toBeUndefined();
        expect(await inventory.merge(write, [row('b')], 'cli', problem)).toBeUndefined();
        expect(await inventory.markStale(write, problem)).toBe(false);
      }
      expect(await inventory.partitions(id)).toEqual([]);
      expect(await all(id)).toEqual([]);
      expect(await all(other)).toHaveLength(1);
      await inventory.replace(writeTo(id, 'instance', 'p1', 3), [row('c')], 'cli');
      expect(await all(id)).toEqual([row('c')]);
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
      const writing = slow.replace(writeTo(id), [row('a')], 'cli');
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
      await inventory.replace(writeTo(id), [row('a')], 'cli');
      const ended = { ...pass(), finishedAt: '2030-01-01T00:01:00.000Z' };
      await inventory.keepPass(id, ended);
      expect(await inventory.pass(id)).toEqual(ended);
      expect(await inventory.partitions(id)).toHaveLength(1);
      expect(await all(id)).toEqual([row('a')]);
    });

    it('the newest discovery is kept when the projects are deleted', async () => {
      const id = randomUUID();
      await inventory.keepPass(id, pass());
      await inventory.replace(writeTo(id), [row('a')], 'cli');
      expect(await inventory.retain(id, 1, [])).toEqual({ ...noChanges, removed: [row('a')] });
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

  describe('pages', () => {
    const connection = randomUUID();
    beforeAll(async () => {
      const rows = (kind: string, project: string | null, count: number) =>
        Array.from({ length: count }, (_, n) =>
          row(`${kind}-${n}`, {
            kind,
            project,
            name: `${String.fromCharCode(97 + (n % 7))}-${n}`,
            region: n % 2 === 0 ? 'GRA11' : 'SBG5',
            status: n % 3 === 0 ? 'ERROR' : 'ACTIVE',
            summary: { address: `10.0.0.${n}`, nested: { Flavour: `Size-${n % 5}` } },
          }),
        );
      for (const [kind, project, count] of [
        ['volume', 'p2', 30],
        ['instance', 'p2', 40],
        ['instance', 'p1', 41],
        ['server', null, 10],
      ] as const) {
        await inventory.replace(writeTo(connection, kind, project), rows(kind, project, count), 'cli');
      }
    });

    it.each([1, 7, 40, 41, 121, 122])('the pages return all rows in one order, %i at a time', async (limit) => {
      const seen = [];
      let after = null;
      do {
        const page = await inventory.page(connection, {}, after, limit);
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        seen.push(...page.rows);
        after = page.next;
      } while (after !== null);
      expect(seen.map(({ kind, project, key }) => `${kind} ${project} ${key}`)).toHaveLength(121);
      expect(seen).toEqual(await all(connection));
      const order = seen.map(({ kind, project, name }) => `${kind} ${project} ${name}`);
      expect(order).toEqual(order.toSorted());
    });

    it.each([
      [{ kind: 'instance' }, 81],
      [{ kind: 'instance', project: 'p1' }, 41],
      [{ project: 'p2' }, 70],
      [{ kind: 'server', region: 'SBG5' }, 5],
      [{ kind: 'volume', status: 'ERROR', region: 'GRA11' }, 5],
      [{ text: 'SIZE-4' }, 24],
      [{ text: 'volume-2' }, 11],
      [{ text: 'no such thing' }, 0],
      [{ kind: 'nothing' }, 0],
    ])('a page with filter %j returns only the rows that match', async (filter, count) => {
      const { rows, next } = await inventory.page(connection, filter, null, 1_000);
      expect(rows).toHaveLength(count);
      expect(next).toBeNull();
    });

    it('a cursor continues at the same place after a new list, although its row was deleted', async () => {
      const id = randomUUID();
      const rows = Array.from({ length: 9 }, (_, n) => row(`r${n}`));
      await inventory.replace(writeTo(id), rows, 'cli');
      const first = await inventory.page(id, {}, null, 3);
      expect(first.rows.map(({ id: each }) => each)).toEqual(['r0', 'r1', 'r2']);
      const without = rows.filter(({ id: each }) => each !== 'r2' && each !== 'r4');
      await inventory.replace(writeTo(id), [row('r00'), ...without], 'cli');
      const second = await inventory.page(id, {}, first.next, 3);
      expect(second.rows.map(({ id: each }) => each)).toEqual(['r3', 'r5', 'r6']);
    });

    it('another process reads the last write in spite of its cache', async () => {
      const id = randomUUID();
      const api = createInventory({ ephemeral: store, clock });
      for (const name of ['one', 'two']) {
        await inventory.replace(writeTo(id), [row('a', { name })], 'cli');
        expect((await api.page(id, {}, null, 10)).rows).toMatchObject([{ name }]);
      }
      await inventory.drop(id, 1);
      expect((await api.page(id, {}, null, 10)).rows).toEqual([]);
    });

    it('an invalid page cursor is refused', async () => {
      await expect(inventory.page(connection, {}, ['instance', 'p1'], 10)).rejects.toThrow(RangeError);
    });
  });
}
