import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { createInventory } from '../../stores/inventory/inventory.ts';
import type { Inventory } from '../../stores/inventory/port.ts';
import { proven, row, writeTo } from './inventory.rows.ts';
import { createManualClock } from './manual-clock.ts';

/** How rows are read, on every ephemeral store. */
export function inventoryPagesContract(open: () => Promise<EphemeralStore>): void {
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
            tags: { team: n % 4 === 0 ? 'red' : 'blue', ...(n === 7 && { 'a=b': 'Rare' }) },
            summary: { address: `10.0.0.${n}`, nested: { Flavour: `Size-${n % 5}` } },
          }),
        );
      for (const [kind, project, count] of [
        ['volume', 'p2', 30],
        ['instance', 'p2', 40],
        ['instance', 'p1', 41],
        ['server', null, 10],
      ] as const) {
        await inventory.replace(writeTo(connection, kind, project), rows(kind, project, count), 'cli', proven);
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
      [{ tag: 'team' }, 121],
      [{ tag: 'team=red' }, 32],
      [{ tag: 'a=b' }, 4],
      [{ tag: 'a=b=Rare', kind: 'volume' }, 1],
      [{ tag: 'a' }, 0],
      [{ text: 'rare' }, 4],
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
      await inventory.replace(writeTo(id), rows, 'cli', proven);
      const first = await inventory.page(id, {}, null, 3);
      expect(first.rows.map(({ id: each }) => each)).toEqual(['r0', 'r1', 'r2']);
      const without = rows.filter(({ id: each }) => each !== 'r2' && each !== 'r4');
      await inventory.replace(writeTo(id), [row('r00'), ...without], 'cli', proven);
      const second = await inventory.page(id, {}, first.next, 3);
      expect(second.rows.map(({ id: each }) => each)).toEqual(['r3', 'r5', 'r6']);
    });

    it('another process reads the last write in spite of its cache', async () => {
      const id = randomUUID();
      const api = createInventory({ ephemeral: store, clock });
      for (const name of ['one', 'two']) {
        await inventory.replace(writeTo(id), [row('a', { name })], 'cli', proven);
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
