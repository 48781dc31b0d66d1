import type { Json } from '../../platform/json.ts';
import type { Problem } from '../../contracts/problem.ts';
import {
  NO_REGION,
  type InventoryPartition,
  type InventoryRow,
  type KeptRow,
  type MissingRight,
  type WrittenList,
} from './port.ts';

/** What is known of a partition, beside its rows. */
export interface StoredPartition extends InventoryPartition {
  /** New with each change of the rows, so that an old copy of them is recognised. */
  readonly revision: string;
  /** The newest passes, one after the other, whose complete list had no row although rows were known. */
  readonly emptyIn: readonly string[];
}

/** The rows, in order, and the revision they are of. */
export interface StoredRows {
  readonly revision: string;
  readonly rows: readonly KeptRow[];
}

export interface PartitionId {
  readonly kind: string;
  readonly project: string | null;
}

/** A field's name: the same for a partition's facts and for its rows. */
export const fieldOf = ({ kind, project }: PartitionId): string => JSON.stringify([kind, project]);

/** Only the inventory writes these fields; their shape is trusted. */
export const asPartition = (field: Json): StoredPartition => field as unknown as StoredPartition;
export const asRows = (field: Json): StoredRows => field as unknown as StoredRows;

export const unlisted = ({ kind, project }: PartitionId): StoredPartition => ({
  kind,
  project,
  generation: 0,
  resources: 0,
  regions: {},
  listedAt: null,
  source: null,
  stale: null,
  denied: null,
  revision: '',
  emptyIn: [],
});

/** How many of the rows are in which region. */
export function regionsOf(rows: readonly InventoryRow[]): InventoryPartition['regions'] {
  const regions: Record<string, number> = {};
  for (const { region } of rows) {
    const place = region ?? NO_REGION;
    regions[place] = (regions[place] ?? 0) + 1;
  }
  return regions;
}

/** If the problem is the same as before, it keeps its start time. */
export function staleFor(before: StoredPartition, problem: Problem, at: string): InventoryPartition['stale'] {
  const { stale } = before;
  return { since: stale?.problem.code === problem.code ? stale.since : at, problem };
}

/** As long as a right is missing, it keeps the time since when. A failure for another reason says nothing of it. */
export function deniedFor(
  before: StoredPartition,
  right: MissingRight | null,
  at: string,
): InventoryPartition['denied'] {
  if (!right) return before.denied;
  return { since: before.denied?.since ?? at, action: right.action ?? before.denied?.action ?? null };
}

/** A kind that could never be listed has no access to lose. */
export function accessBetween(
  before: StoredPartition,
  after: Omit<StoredPartition, 'revision'>,
): WrittenList['access'] {
  if (!before.denied && after.denied) return before.source === null ? null : 'lost';
  return before.denied && !after.denied ? 'regained' : null;
}

export function visible({ revision: _ours, emptyIn: _too, ...partition }: StoredPartition): InventoryPartition {
  return partition;
}

/** A cursor: kind, project, name and key of the last row that was read. It stays valid if that row is deleted. */
export type Position = readonly [kind: string, project: string | null, name: string, key: string];

export const positionOf = ({ kind, project, name, key }: InventoryRow): Position => [kind, project, name, key];

/** Throws for an invalid cursor: starting again from the first row would let a reader loop without end. */
export function readPosition(json: Json): Position {
  const [kind, project, name, key] = Array.isArray(json) && json.length === 4 ? json : [];
  const isPosition =
    typeof kind === 'string' &&
    (project === null || typeof project === 'string') &&
    typeof name === 'string' &&
    typeof key === 'string';
  if (!isPosition) throw new RangeError('This is not a cursor of the inventory.');
  return [kind, project, name, key];
}

/** By kind and project; resources of the account come before those of its projects. */
export const comparePartitions = (a: PartitionId, b: PartitionId): number =>
  compareText(a.kind, b.kind) || compareText(a.project ?? '', b.project ?? '');

/** By name and key: the order within a partition. */
export const compareRows = (a: { name: string; key: string }, b: { name: string; key: string }): number =>
  compareText(a.name, b.name) || compareText(a.key, b.key);

/** The index of the first row after the position; the rows are in order. */
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

/** By code unit, so that the order does not depend on the machine's locale. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
