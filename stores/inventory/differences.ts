import { isDeepStrictEqual } from 'node:util';

import type { Json } from '../../platform/json.ts';
import type { ChangedRow, InventoryChanges, InventoryRow, KeptRow } from './port.ts';

type Row = InventoryRow | KeptRow;

/** Compared field by field: a change of `summary.sizeGb` or `tags.team` is told by that name. */
const nested = ['summary', 'tags'] as const;

/**
 * What a resource is. Left out: what identifies it, how it was listed (`source`), the console's address, which follows
 * from the rest, and whether lists lack it.
 */
const plain = ['id', 'name', 'region', 'zone', 'status', 'createdAt', 'nativeType', 'url'] as const;

/** What differs between two lists of one partition. */
export function changesBetween(before: readonly Row[], after: readonly Row[]): InventoryChanges {
  const [old, now] = [byKey(before), byKey(after)];
  return {
    added: after.filter(({ key }) => !old.has(key)),
    removed: before.filter(({ key }) => !now.has(key)),
    changed: after.flatMap((row) => {
      const previous = old.get(row.key);
      const fields = previous ? differences(previous, row) : [];
      return fields.length > 0 ? [{ row, fields }] : [];
    }),
  };
}

function differences(before: Row, after: Row): ChangedRow['fields'] {
  const fields = plain.flatMap((field) => difference(field, before[field], after[field]));
  const inside = nested.flatMap((field) => {
    const [from, to] = [before[field], after[field]];
    const names = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...names].flatMap((name) => difference(`${field}.${name}`, from[name], to[name]));
  });
  return [...fields, ...inside];
}

const difference = (field: string, from: Json = null, to: Json = null): ChangedRow['fields'] =>
  isDeepStrictEqual(from, to) ? [] : [{ field, from, to }];

export const byKey = <R extends Row>(rows: readonly R[]): Map<string, R> => new Map(rows.map((row) => [row.key, row]));
