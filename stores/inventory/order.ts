import type { Json } from '../../platform/json.ts';
import type { PartitionId } from './partition.ts';
import type { InventoryRow } from './port.ts';

/** A place between rows: kind, project, name and key of the row before it. It outlives the row itself. */
export type Position = readonly [kind: string, project: string | null, name: string, key: string];

export const positionOf = ({ kind, project, name, key }: InventoryRow): Position => [kind, project, name, key];

/** Throws on what is no place of ours: to begin anew silently would let a reader go round for ever. */
export function readPosition(json: Json): Position {
  const [kind, project, name, key] = Array.isArray(json) && json.length === 4 ? json : [];
  const isPosition =
    typeof kind === 'string' &&
    (project === null || typeof project === 'string') &&
    typeof name === 'string' &&
    typeof key === 'string';
  if (!isPosition) throw new RangeError('This is no place in an inventory.');
  return [kind, project, name, key];
}

/** By kind and project; what is listed at the account comes before what is in a project. */
export const comparePartitions = (a: PartitionId, b: PartitionId): number =>
  compareText(a.kind, b.kind) || compareText(a.project ?? '', b.project ?? '');

/** By name and key: the order within a partition. */
export const compareRows = (a: { name: string; key: string }, b: { name: string; key: string }): number =>
  compareText(a.name, b.name) || compareText(a.key, b.key);

/** The index of the first row behind the position; the rows are in order. */
export function firstAfter(rows: readonly InventoryRow[], [, , name, key]: Position): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row && compareRows(row, { name, key }) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By code unit: the same on every machine, whatever its locale. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
