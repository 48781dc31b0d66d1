import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import { createInventory } from '../../stores/inventory/inventory.ts';
import type { CompleteList, Inventory, InventoryRow, WitnessAnswer } from '../../stores/inventory/port.ts';
import { problem, proven, row, writeTo } from './inventory.rows.ts';
import { createManualClock } from './manual-clock.ts';

const missing = { action: 'ec2:DescribeInstances' };

/** What a list proves about what it lacks, and about the right to list. */
export function inventoryAbsenceContract(open: () => Promise<EphemeralStore>): void {
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

  const passAt = (hour: number): CompleteList => ({ since: `2030-01-01T0${hour}:00:00.000Z` });
  const answering = (
    hour: number,
    answer: Partial<Record<'gone' | 'there', string[]>>,
    refused: WitnessAnswer['refused'] = null,
  ) => ({
    ...passAt(hour),
    witness: () =>
      Promise.resolve({ gone: new Set(answer.gone), there: new Set(answer.there), refused } satisfies WitnessAnswer),
  });
  const list = async (id: string, rows: readonly InventoryRow[], pass: CompleteList) =>
    await inventory.replace(writeTo(id), rows, 'rest', pass);
  const missingSince = async (id: string) =>
    Object.fromEntries((await inventory.page(id, {}, null, 100)).rows.map((each) => [each.id, each.missingSince]));
  const partitionOf = async (id: string) => (await inventory.partitions(id))[0];
  const [a, b, c] = [row('a'), row('b'), row('c')];

  describe('what a complete list lacks', () => {
    it('a row that one complete list lacks is kept as missing, and is back without a change once a list has it', async () => {
      const id = randomUUID();
      await list(id, [a, b], passAt(0));
      expect(await list(id, [a], passAt(1))).toMatchObject({ added: [], removed: [], changed: [], problem: null });
      expect(await missingSince(id)).toEqual({ a: null, b: passAt(1).since });
      expect(await partitionOf(id)).toMatchObject({ resources: 2, stale: { problem: { code: 'rows_missing' } } });
      expect(await list(id, [a, b], passAt(2))).toMatchObject({ added: [], removed: [], changed: [] });
      expect(await missingSince(id)).toEqual({ a: null, b: null });
      expect((await partitionOf(id))?.stale).toBeNull();
    });

    it('a row that the next pass lacks too is removed, but not by a retry within the same pass', async () => {
      const id = randomUUID();
      await list(id, [a, b], passAt(0));
      await list(id, [a], passAt(1));
      expect(await list(id, [a], passAt(1))).toMatchObject({ removed: [] });
      expect(await list(id, [a], passAt(2))).toMatchObject({ removed: [{ id: 'b' }], problem: null });
      expect(await missingSince(id)).toEqual({ a: null });
    });

    it('a list that falls to nothing removes its rows with the third such pass, and says so until then', async () => {
      const id = randomUUID();
      await list(id, [a, b], passAt(0));
      const { listedAt } = (await partitionOf(id)) ?? {};
      clock.advance(3_600);
      for (const hour of [1, 2, 2]) {
        const held = await list(id, [], passAt(hour));
        expect(held).toMatchObject({ removed: [], problem: { code: 'list_suddenly_empty' } });
        expect(await partitionOf(id)).toMatchObject({ listedAt, generation: 1, resources: 2 });
      }
      expect(await list(id, [], passAt(3))).toMatchObject({ removed: [{ id: 'a' }, { id: 'b' }], problem: null });
      expect(await partitionOf(id)).toMatchObject({ resources: 0, stale: null });
    });

    it('lists that are empty now and then never add up to three in a row', async () => {
      const id = randomUUID();
      await list(id, [a], passAt(0));
      for (const hour of [1, 3, 5, 7]) {
        await list(id, [], passAt(hour));
        await list(id, [a], passAt(hour + 1));
      }
      expect(await list(id, [], passAt(9))).toMatchObject({ removed: [] });
    });

    it('a row that a witness calls gone is removed at once, also where it was the last one', async () => {
      const id = randomUUID();
      await list(id, [a], passAt(0));
      expect(await list(id, [], answering(1, { gone: ['a'] }))).toMatchObject({
        removed: [{ id: 'a' }],
        problem: null,
      });
      expect((await partitionOf(id))?.stale).toBeNull();
    });

    it('a row that a witness still finds is kept as it is, and the list does not count as complete', async () => {
      const id = randomUUID();
      await list(id, [a, b, c], passAt(0));
      for (const hour of [1, 2, 3]) {
        const held = await list(id, [a], answering(hour, { there: ['b', 'c'] }));
        expect(held).toMatchObject({ removed: [], problem: { code: 'list_incomplete' } });
      }
      expect(await missingSince(id)).toEqual({ a: null, b: null, c: null });
      expect(await partitionOf(id)).toMatchObject({ generation: 1, stale: { problem: { code: 'list_incomplete' } } });
    });

    it('no row is removed while a witness is refused, in whatever number of passes', async () => {
      const id = randomUUID();
      await list(id, [a, b], passAt(0));
      for (const hour of [1, 2, 3, 4]) {
        const held = await list(id, [], answering(hour, {}, { problem, denied: missing }));
        expect(held).toMatchObject({ removed: [], problem, access: hour === 1 ? 'lost' : null });
      }
      expect(await partitionOf(id)).toMatchObject({ resources: 2, stale: { problem }, denied: missing });
    });

    it('a row that a witness could not be asked about is kept too, where the list has others', async () => {
      const id = randomUUID();
      await list(id, [a, b], passAt(0));
      for (const hour of [1, 2, 3]) {
        const held = await list(id, [a], answering(hour, {}, { problem, denied: null }));
        expect(held).toMatchObject({ removed: [], problem, access: null });
      }
    });

    it('a witness is asked about what would be removed, and about nothing else', async () => {
      const id = randomUUID();
      const asked: string[][] = [];
      const witness: NonNullable<CompleteList['witness']> = (absent) => {
        asked.push(absent.map((each) => each.id));
        return Promise.resolve({ gone: new Set(), there: new Set(), refused: null });
      };
      await list(id, [a, b], { ...passAt(0), witness });
      await list(id, [b, c], { ...passAt(1), witness });
      await inventory.merge(writeTo(id), [c], 'rest', problem);
      expect(asked).toEqual([['a']]);
    });

    it('a partial list proves nothing of what it lacks, and finds again what was missing', async () => {
      const id = randomUUID();
      await list(id, [a, b, c], passAt(0));
      await list(id, [a], passAt(1));
      await inventory.merge(writeTo(id), [a, b], 'rest', problem);
      expect(await missingSince(id)).toEqual({ a: null, b: null, c: passAt(1).since });
    });
  });

  describe('the right to list', () => {
    it('a right that is lost is told once, kept with its name, and regained by the next good list', async () => {
      const id = randomUUID();
      await list(id, [a], passAt(0));
      expect(await inventory.markStale(writeTo(id), problem, missing)).toMatchObject({ access: 'lost' });
      const since = new Date(clock.now()).toISOString();
      clock.advance(3_600);
      expect(await inventory.markStale(writeTo(id), problem, { action: null })).toMatchObject({ access: null });
      expect(await inventory.markStale(writeTo(id), problem)).toMatchObject({ access: null });
      expect((await partitionOf(id))?.denied).toEqual({ since, ...missing });
      expect(await list(id, [a], passAt(1))).toMatchObject({ access: 'regained' });
      expect((await partitionOf(id))?.denied).toBeNull();
    });

    it('a right that was never there is kept with its name, and is not told as lost', async () => {
      const id = randomUUID();
      expect(await inventory.markStale(writeTo(id), problem, missing)).toMatchObject({ access: null });
      expect((await partitionOf(id))?.denied).toMatchObject(missing);
      expect(await list(id, [a], proven)).toMatchObject({ access: 'regained' });
    });

    it('a partial list that lacks a right for one of its parts names it', async () => {
      const id = randomUUID();
      await list(id, [a], passAt(0));
      expect(await inventory.merge(writeTo(id), [a], 'rest', problem, missing)).toMatchObject({ access: 'lost' });
      expect((await partitionOf(id))?.denied).toMatchObject(missing);
    });
  });

  it('rows are kept under the kind and project that they were listed by, whatever they name themselves', async () => {
    const id = randomUUID();
    await inventory.replace(writeTo(id), [row('a', { project: 'p9', kind: 'other' })], 'rest', proven);
    const found = await inventory.page(id, { kind: 'instance', project: 'p1' }, null, 10);
    expect(found.rows).toMatchObject([{ id: 'a', kind: 'instance', project: 'p1' }]);
  });
}
