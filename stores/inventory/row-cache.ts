import { wordsOf } from './filter.ts';
import type { StoredRows } from './partition.ts';

/** Rows that can be searched. */
export interface ReadRows extends StoredRows {
  /** What is searched, by the rows' indexes. */
  readonly words: () => readonly string[];
}

export const noRows: ReadRows = { revision: '', rows: [], words: () => [] };

/** The words are made once: twenty thousand rows are searched within a page's 50 ms. */
export function readable({ revision, rows }: StoredRows): ReadRows {
  let words: readonly string[] | undefined;
  return { revision, rows, words: () => (words ??= rows.map(wordsOf)) };
}

/** Parsed rows of the partitions read last, as many as fit. */
export interface RowCache {
  get(id: string, revision: string): ReadRows | undefined;
  set(id: string, rows: ReadRows): void;
}

/** Parsing twenty thousand rows takes longer than a page may: a copy is kept until the partition has a new revision. */
export function createRowCache(maxRows: number): RowCache {
  // In the order of use: the first has been out of use for longest.
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
