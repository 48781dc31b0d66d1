import type { Json } from '../../platform/json.ts';
import type { Problem } from '../../contracts/problem.ts';
import type { InventoryPartition, InventoryRow } from './port.ts';

/** What is known of a partition, beside its rows. */
export interface StoredPartition extends InventoryPartition {
  /** New with each change of the rows: what a copy of them is known by. */
  readonly revision: string;
}

/** The rows, in order, and the revision they are of. */
export interface StoredRows {
  readonly revision: string;
  readonly rows: readonly InventoryRow[];
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
  listedAt: null,
  source: null,
  stale: null,
  revision: '',
});

/** The same trouble keeps the time at which it began. */
export function staleFor(before: StoredPartition, problem: Problem, at: string): InventoryPartition['stale'] {
  const { stale } = before;
  return { since: stale?.problem.code === problem.code ? stale.since : at, problem };
}

export function visible({ revision: _ours, ...partition }: StoredPartition): InventoryPartition {
  return partition;
}
