import type { Json } from '../../platform/json.ts';
import { comparePartitions, type Position } from './order.ts';
import type { StoredPartition } from './partition.ts';
import type { InventoryFilter, InventoryRow } from './port.ts';

/** The partitions that may hold rows which the filter lets through and that come after the position, in order. */
export function partitionsToRead(
  partitions: readonly StoredPartition[],
  { kind, project }: InventoryFilter,
  after: Position | null,
): StoredPartition[] {
  return partitions
    .filter(
      (partition) =>
        partition.resources > 0 &&
        (kind === undefined || partition.kind === kind) &&
        (project === undefined || partition.project === project) &&
        (after === null || comparePartitions(partition, { kind: after[0], project: after[1] }) >= 0),
    )
    .sort(comparePartitions);
}

/** Rows of the partitions that {@link partitionsToRead} chose: kind and project are decided. */
export function rowFilter({ region, status, text }: InventoryFilter): (row: InventoryRow) => boolean {
  const wanted = text?.toLowerCase();
  return (row) =>
    (region === undefined || row.region === region) &&
    (status === undefined || row.status === status) &&
    (wanted === undefined || wordsOf(row).includes(wanted));
}

/** Made once for a row: twenty thousand of them are searched within a page's 50 ms. */
const words = new WeakMap<InventoryRow, string>();

function wordsOf(row: InventoryRow): string {
  const known = words.get(row);
  if (known !== undefined) return known;
  const made = [row.id, row.name, ...valuesOf(row.summary)].join('\n').toLowerCase();
  words.set(row, made);
  return made;
}

function valuesOf(json: Json): string[] {
  if (json === null) return [];
  if (typeof json === 'object') return Object.values(json).flatMap(valuesOf);
  return [String(json)];
}
