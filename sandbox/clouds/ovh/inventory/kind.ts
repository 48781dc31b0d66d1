import type { JsonObject } from '../../../../platform/json.ts';
import type { Seed } from './seed.ts';

/** One kind of resource: where the API has it, and what a row looks like. */
export interface Kind {
  readonly owner: 'project' | 'account';
  /** Below the project, or below `/1.0`; the details are below that by their ids. */
  readonly path: string;
  /** `{endpoint}.list` and `{endpoint}.detail` are its names in fault scripts and counters. */
  readonly endpoint: string;
  /** The field that identifies a row. */
  readonly id: string;
  /** What the list has for each row; left out: its id. */
  readonly listed?: (row: JsonObject) => JsonObject;
  /** What OVHcloud's IAM calls reading it, in full. */
  readonly action: string;
  /** The product's name in IAM resource URNs; set where rows carry an `iam` block. */
  readonly product?: string;
  /** How many each owner has by default; left out: none. */
  readonly initially?: number;
  readonly row: (seed: Seed) => JsonObject;
}

/** Rows of the list that hold everything. */
export const whole = (row: JsonObject): JsonObject => row;

/** A field that every row of the kind has as text. */
export function textAt(row: JsonObject, field: string): string {
  const value = row[field];
  if (typeof value !== 'string') throw new TypeError(`A generated row has no text in its field ${field}.`);
  return value;
}
