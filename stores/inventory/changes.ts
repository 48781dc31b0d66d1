import { isDeepStrictEqual } from 'node:util';
import { compareRows } from './order.ts';
import type { InventoryChanges, InventoryRow } from './port.ts';

/** In order, and one for each key: a cloud that names a resource twice in one list has it once. */
export const inOrder = (rows: readonly InventoryRow[]): InventoryRow[] => [...byKey(rows).values()].sort(compareRows);

/** What was seen, over what was known. */
export const merged = (known: readonly InventoryRow[], seen: readonly InventoryRow[]): InventoryRow[] =>
  inOrder([...known, ...seen]);

/** What differs between two lists of one partition. */
export function changesBetween(before: readonly InventoryRow[], after: readonly InventoryRow[]): InventoryChanges {
  const [old, now] = [byKey(before), byKey(after)];
  return {
    added: after.filter(({ key }) => !old.has(key)),
    removed: before.filter(({ key }) => !now.has(key)),
    changed: after.filter((row) => {
      const previous = old.get(row.key);
      return previous !== undefined && !isSame(previous, row);
    }),
  };
}

/** How a resource was listed says nothing about the resource. */
const isSame = ({ source: _before, ...a }: InventoryRow, { source: _now, ...b }: InventoryRow): boolean =>
  isDeepStrictEqual(a, b);

const byKey = (rows: readonly InventoryRow[]): Map<string, InventoryRow> => new Map(rows.map((row) => [row.key, row]));
