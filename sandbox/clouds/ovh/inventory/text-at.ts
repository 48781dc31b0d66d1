import type { JsonObject } from '../../../../platform/json.ts';

/** A field that every row of the kind has as text. */
export function textAt(row: JsonObject, field: string): string {
  const value = row[field];
  if (typeof value !== 'string') throw new TypeError(`A generated row has no text in its field ${field}.`);
  return value;
}
