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

/**
 * Whether the row at an index passes, for rows of the partitions that {@link partitionsToRead} chose: kind and project
 * are decided. `words` answers what is searched in those rows, and is asked only when there is a text to search.
 */
export function rowFilter({ region, status, text }: InventoryFilter) {
  const wanted = text?.toLowerCase();
  return (row: InventoryRow, index: number, words: () => readonly string[]): boolean =>
    (region === undefined || row.region === region) &&
    (status === undefined || row.status === status) &&
    (wanted === undefined || words()[index]?.includes(wanted) === true);
}

export const wordsOf = ({ id, name, summary }: InventoryRow): string =>
  [id, name, ...valuesOf(summary)].join('\n').toLowerCase();

function valuesOf(json: Json): string[] {
  if (json === null) return [];
  if (typeof json === 'object') return Object.values(json).flatMap(valuesOf);
  return [String(json)];
}
