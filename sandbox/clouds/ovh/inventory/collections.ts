import type { JsonObject } from '../../../../platform/json.ts';
import type { Tables } from '../../../core/tables.ts';
import { defaultSizesOf } from './defaults.ts';
import { type Kind, textAt } from './kind.ts';
import { kinds, type KindName } from './kinds/index.ts';
import { createSeed } from './seed.ts';

export type Rows = ReadonlyMap<string, JsonObject>;

/** One owner's resources of one kind: so many generated ones, and what was done to them. */
interface Collection {
  readonly size: number;
  /** Fields laid over generated rows, by id; null = removed. */
  readonly changed: Readonly<Record<string, JsonObject | null>>;
  /** Rows beside the generated ones, by id. */
  readonly added: Readonly<Record<string, JsonObject>>;
}

/** Resources by owner (a project's id or a nichandle) and kind. */
export interface Collections {
  /** In the order of the API's list. */
  rows(owner: string, kind: KindName): Rows;
  /** Generates so many; what was changed or added by hand stays. */
  resize(owner: string, kind: KindName, size: number): void;
  /** Lays fields over the resource with that id; adds one, its other fields generated, where there is none. */
  put(owner: string, kind: KindName, id: string, fields: JsonObject): JsonObject;
  /** False where there was none. */
  remove(owner: string, kind: KindName, id: string): boolean;
}

export function createCollections(tables: Tables): Collections {
  const stored = tables.table<Collection>('ovh.collections');
  const untouched = new Map<string, Collection>();
  // A stored collection is replaced, never changed: its rows are good for as long as it is the one in the table,
  // through a rollback and a reset too. Thousands of details are read without generating anything again.
  const generated = new WeakMap<Collection, Rows>();
  const keyOf = (owner: string, kind: KindName) => `${owner}/${kind}`;

  function collectionOf(owner: string, kind: KindName): Collection {
    const key = keyOf(owner, kind);
    const found = stored.get(key) ?? untouched.get(key);
    if (found) return found;
    const { initially = 0 }: Kind = kinds[kind];
    const fresh: Collection = { size: defaultSizesOf(owner)[kind] ?? initially, changed: {}, added: {} };
    untouched.set(key, fresh);
    return fresh;
  }

  function rows(owner: string, kind: KindName): Rows {
    const collection = collectionOf(owner, kind);
    let found = generated.get(collection);
    if (!found) generated.set(collection, (found = generate(owner, kind, collection)));
    return found;
  }

  const replace = (owner: string, kind: KindName, patch: Partial<Collection>) =>
    stored.put(keyOf(owner, kind), { ...collectionOf(owner, kind), ...patch });

  return {
    rows,
    resize: (owner, kind, size) => replace(owner, kind, { size }),
    put(owner, kind, id, fields) {
      const { changed, added } = collectionOf(owner, kind);
      const isGenerated = id in changed || (!(id in added) && rows(owner, kind).has(id));
      if (isGenerated) replace(owner, kind, { changed: { ...changed, [id]: { ...changed[id], ...fields } } });
      else replace(owner, kind, { added: { ...added, [id]: { ...added[id], ...fields } } });
      return rows(owner, kind).get(id) ?? {};
    },
    remove(owner, kind, id) {
      if (!rows(owner, kind).has(id)) return false;
      const { changed, added } = collectionOf(owner, kind);
      const { [id]: isAdded, ...rest } = added;
      if (isAdded) replace(owner, kind, { added: rest });
      else replace(owner, kind, { changed: { ...changed, [id]: null } });
      return true;
    },
  };
}

function generate(owner: string, kind: KindName, { size, changed, added }: Collection): Rows {
  const { row, id: idField } = kinds[kind];
  const rows = new Map<string, JsonObject>();
  for (let index = 0; index < size; index += 1) {
    const fresh = row(createSeed(owner, kind, index));
    const id = textAt(fresh, idField);
    const fields = changed[id];
    if (fields !== null) rows.set(id, { ...fresh, ...fields });
  }
  for (const [id, fields] of Object.entries(added)) {
    rows.set(id, { ...row(createSeed(owner, `${kind}/${id}`, 0)), ...fields, [idField]: id });
  }
  return rows;
}
