import type { Json } from '../../platform/json.ts';
import { ephemeralKeys } from '../ephemeral/keys.ts';
import type { EphemeralStore } from '../ephemeral/port.ts';
import {
  firstAfter,
  positionOf,
  readPosition,
  comparePartitions,
  type Position,
  asPartition,
  asRows,
  fieldOf,
  visible,
  type StoredPartition,
  type StoredRows,
} from './partition.ts';
import { PASS_FIELD } from './pass.ts';
import type { Inventory, InventoryPage, InventoryFilter, KeptRow } from './port.ts';

/** Rows to read at once. A page without a filter needs one or two partitions; a search for a rare word needs all. */
const ROWS_AT_ONCE = 2_000;

export async function readPartitions(ephemeral: EphemeralStore, connection: string): Promise<StoredPartition[]> {
  const fields = await ephemeral.getFields(ephemeralKeys.inventory(connection));
  return Object.entries(fields).flatMap(([name, field]) => (name === PASS_FIELD ? [] : [asPartition(field)]));
}

export function createPage(ephemeral: EphemeralStore, cache: RowCache): Inventory['page'] {
  /** If a partition changed after its facts were read, its newer rows are used; if it was dropped, there are none. */
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
    const found: KeptRow[] = [];
    const partitions = partitionsToRead(await readPartitions(ephemeral, connection), filter, position);
    for (const batch of batches(partitions)) {
      for (const { rows, words } of await read(connection, batch)) {
        const first = rows[0];
        const isBegun = position !== null && first?.kind === position[0] && first.project === position[1];
        for (let index = isBegun ? firstAfter(rows, position) : 0; index < rows.length; index++) {
          const row = rows[index];
          if (row && isWanted(row, index, words)) found.push(row);
          // One row more than the limit shows that there is another page.
          if (found.length > limit) return pageOf(found.slice(0, limit), partitions, true);
        }
      }
    }
    return pageOf(found, partitions, false);
  };
}

function pageOf(rows: readonly KeptRow[], partitions: readonly StoredPartition[], isMore: boolean): InventoryPage {
  const last = rows.at(-1);
  return {
    rows,
    partitions: partitions.map(visible),
    next: isMore && last ? ([...positionOf(last)] satisfies Json) : null,
  };
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

/** The partitions that may hold rows which the filter lets through and that come after the position, in order. */
function partitionsToRead(
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
function rowFilter({ region, status, tag, text }: InventoryFilter) {
  const wanted = text?.toLowerCase();
  return (row: KeptRow, index: number, words: () => readonly string[]): boolean =>
    (region === undefined || row.region === region) &&
    (status === undefined || row.status === status) &&
    (tag === undefined || hasTag(row, tag)) &&
    (wanted === undefined || words()[index]?.includes(wanted) === true);
}

/** `name` or `name=value`. Names may contain `=` themselves, so the text is compared and not taken apart. */
const hasTag = ({ tags }: KeptRow, wanted: string): boolean =>
  Object.entries(tags).some(([name, value]) => name === wanted || `${name}=${value}` === wanted);

const wordsOf = ({ id, name, tags, summary }: KeptRow): string =>
  [id, name, ...Object.entries(tags).flat(), ...valuesOf(summary)].join('\n').toLowerCase();

function valuesOf(json: Json): string[] {
  if (json === null) return [];
  if (typeof json === 'object') return Object.values(json).flatMap(valuesOf);
  return [String(json)];
}

/** Rows that can be searched. */
interface ReadRows extends StoredRows {
  /** What is searched, by the rows' indexes. */
  readonly words: () => readonly string[];
}

const noRows: ReadRows = { revision: '', rows: [], words: () => [] };

/** The words are built once, so that twenty thousand rows are searched within 50 ms. */
function readable({ revision, rows }: StoredRows): ReadRows {
  let words: readonly string[] | undefined;
  return { revision, rows, words: () => (words ??= rows.map(wordsOf)) };
}

/** Caches the parsed rows of the partitions that were read last. */
interface RowCache {
  get(id: string, revision: string): ReadRows | undefined;
  set(id: string, rows: ReadRows): void;
}

/** Parsing twenty thousand rows takes too long for one page, so a copy is kept until the partition changes. */
export function createRowCache(maxRows: number): RowCache {
  // In the order of use, the least recently used first.
  const kept = new Map<string, ReadRows>();
  let size = 0;

  const remove = (id: string): void => {
    size -= kept.get(id)?.rows.length ?? 0;
    kept.delete(id);
  };

  return {
    get(id, revision) {
      const found = kept.get(id);
      if (found?.revision !== revision) return undefined;
      kept.delete(id);
      kept.set(id, found);
      return found;
    },
    set(id, rows) {
      remove(id);
      if (rows.rows.length > maxRows) return;
      kept.set(id, rows);
      size += rows.rows.length;
      for (const oldest of kept.keys()) {
        if (size <= maxRows) return;
        remove(oldest);
      }
    },
  };
}
