import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../ephemeral/keys.ts';
import type { EphemeralStore } from '../ephemeral/port.ts';
import { partitionsToRead, rowFilter } from './filter.ts';
import { firstAfter, positionOf, readPosition } from './order.ts';
import { asPartition, asRows, fieldOf, type StoredPartition } from './partition.ts';
import { PASS_FIELD } from './pass.ts';
import type { Inventory, InventoryPage, InventoryRow } from './port.ts';
import { noRows, readable, type ReadRows, type RowCache } from './row-cache.ts';

/** Rows asked for in one go: a page without a filter needs one partition or two, a rare word all of them. */
const ROWS_AT_ONCE = 2_000;

export async function readPartitions(ephemeral: EphemeralStore, connection: string): Promise<StoredPartition[]> {
  const fields = await ephemeral.getFields(ephemeralKeys.inventory(connection));
  return Object.entries(fields).flatMap(([name, field]) => (name === PASS_FIELD ? [] : [asPartition(field)]));
}

export function createPage(ephemeral: EphemeralStore, cache: RowCache): Inventory['page'] {
  /** A partition that changed since its facts were read gives its newer rows; one that is gone gives none. */
  const read = async (connection: string, partitions: readonly StoredPartition[]): Promise<ReadRows[]> => {
    const ids = partitions.map(fieldOf);
    const idOf = (field: string): string => `${connection} ${field}`;
    const cached = partitions.map(({ revision }, index) => cache.get(idOf(ids[index] ?? ''), revision));
    const missing = ids.filter((_, index) => !cached[index]);
    const fields = await ephemeral.getFields(ephemeralKeys.inventoryRows(connection), missing);
    return ids.map((id, index) => {
      const known = cached[index];
      if (known) return known;
      const field = fields[id];
      if (field === undefined) return noRows;
      const rows = readable(asRows(field));
      cache.set(idOf(id), rows);
      return rows;
    });
  };

  return async (connection, filter, after, limit) => {
    const position = after === null ? null : readPosition(after);
    const isWanted = rowFilter(filter);
    const found: InventoryRow[] = [];
    const partitions = partitionsToRead(await readPartitions(ephemeral, connection), filter, position);
    for (const batch of batches(partitions)) {
      for (const { rows, words } of await read(connection, batch)) {
        const first = rows[0];
        const isBegun = position !== null && first?.kind === position[0] && first.project === position[1];
        for (let index = isBegun ? firstAfter(rows, position) : 0; index < rows.length; index++) {
          const row = rows[index];
          if (row && isWanted(row, index, words)) found.push(row);
          // One more than asked for tells whether there is another page.
          if (found.length > limit) return pageOf(found.slice(0, limit), true);
        }
      }
    }
    return pageOf(found, false);
  };
}

function pageOf(rows: readonly InventoryRow[], isMore: boolean): InventoryPage {
  const last = rows.at(-1);
  return { rows, next: isMore && last ? ([...positionOf(last)] satisfies Json) : null };
}

function* batches(partitions: readonly StoredPartition[]): Generator<StoredPartition[]> {
  let batch: StoredPartition[] = [];
  let rows = 0;
  for (const partition of partitions) {
    batch.push(partition);
    rows += partition.resources;
    if (rows < ROWS_AT_ONCE) continue;
    yield batch;
    [batch, rows] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}
