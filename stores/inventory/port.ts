import type { Json, JsonObject } from '../../platform/json.ts';
import type { Problem } from '../../contracts/problem.ts';
import type { DiscoveryPass } from './pass.ts';

/** A resource as the inventory keeps it. */
export interface InventoryRow {
  /** Unique within connection, kind and project. */
  readonly key: string;
  readonly kind: string;
  readonly project: string | null;
  readonly id: string;
  readonly name: string;
  readonly region: string | null;
  readonly status: string | null;
  readonly url: string | null;
  readonly source: 'cli' | 'rest';
  readonly summary: JsonObject;
}

/** One kind in one project, with how fresh it is. */
export interface InventoryPartition {
  readonly kind: string;
  readonly project: string | null;
  /** Counts complete lists: rows are replaced as a whole, never one by one. */
  readonly generation: number;
  readonly resources: number;
  /** When the rows were last listed completely; null = never. */
  readonly listedAt: string | null;
  readonly source: 'cli' | 'rest' | null;
  /** Set if the last list failed or was partial: the problem, and since when. */
  readonly stale: { readonly since: string; readonly problem: Problem } | null;
}

export interface InventoryWrite {
  readonly connection: string;
  /** Writes of a dropped epoch are refused. */
  readonly epoch: number;
  readonly kind: string;
  readonly project: string | null;
}

export interface InventoryChanges {
  readonly added: readonly InventoryRow[];
  readonly removed: readonly InventoryRow[];
  readonly changed: readonly InventoryRow[];
}

/** `undefined` = refused: the inventory of this epoch was dropped. */
export type WriteResult = InventoryChanges | undefined;

export interface InventoryFilter {
  readonly kind?: string;
  readonly project?: string;
  readonly region?: string;
  readonly status?: string;
  /** Case-insensitive, anywhere in id, name or summary values. */
  readonly text?: string;
}

export interface InventoryPage {
  readonly rows: readonly InventoryRow[];
  /** The cursor of the next page; null = this was the last. It stays valid if the rows are replaced in between. */
  readonly next: Json | null;
}

/**
 * The resources that were found in the accounts. A complete list replaces the rows of its partition. A partial list
 * adds the rows that it found, and a failed list keeps the old rows; both mark the partition stale, and neither deletes
 * a row. Built on the ephemeral store.
 */
export interface Inventory {
  replace(write: InventoryWrite, rows: readonly InventoryRow[], source: 'cli' | 'rest'): Promise<WriteResult>;
  merge(
    write: InventoryWrite,
    rows: readonly InventoryRow[],
    source: 'cli' | 'rest',
    problem: Problem,
  ): Promise<WriteResult>;
  markStale(write: InventoryWrite, problem: Problem): Promise<boolean>;
  /** Drops all other partitions, whose projects were deleted. Only after a complete list of projects. */
  retain(
    connection: string,
    epoch: number,
    partitions: readonly { kind: string; project: string | null }[],
  ): Promise<InventoryChanges>;
  /** Everything of the connection; later writes of this epoch or older are refused. */
  drop(connection: string, epoch: number): Promise<void>;
  /** Records the newest discovery; false = refused: the inventory of this epoch was dropped. */
  keepPass(connection: string, pass: DiscoveryPass): Promise<boolean>;
  /** Undefined = there was none, or it was lost with the rest. */
  pass(connection: string): Promise<DiscoveryPass | undefined>;
  partitions(connection: string): Promise<readonly InventoryPartition[]>;
  /** Rows in a stable order: by kind, project, name, key. */
  page(connection: string, filter: InventoryFilter, after: Json | null, limit: number): Promise<InventoryPage>;
}
