import type { Json, JsonObject } from '../../platform/json.ts';
import type { Problem } from '../../contracts/problem.ts';
import type { DiscoveryPass } from './pass.ts';

/** A resource as it was listed. One vocabulary for all clouds; nothing secret in it. */
export interface InventoryRow {
  /** Unique within connection, kind and project. */
  readonly key: string;
  readonly kind: string;
  /** The project that it was listed in, also where the cloud names another one; null = listed at the account. */
  readonly project: string | null;
  /** As the cloud has it: an ARN, a resource id, a UUID. */
  readonly id: string;
  readonly name: string;
  readonly region: string | null;
  readonly zone: string | null;
  /** In the cloud's own words; null where its list says none. */
  readonly status: string | null;
  /** ISO 8601, with milliseconds. Only where the cloud says when it was made, never when it was last started. */
  readonly createdAt: string | null;
  /** At most 50, each value at most 256 characters. */
  readonly tags: Readonly<Record<string, string>>;
  /** The cloud's own name of the kind: a type in its API or its templates. */
  readonly nativeType: string;
  /** Where the resource answers. */
  readonly url: string | null;
  /** Its page in the cloud's console. */
  readonly consoleUrl: string | null;
  /** How it was listed: a word of the manifest. */
  readonly source: string;
  /** Two to five more facts that do not move by themselves. */
  readonly summary: JsonObject;
}

/** A resource that the inventory holds. */
export interface KeptRow extends InventoryRow {
  /**
   * Set while complete lists lack it and it is not proven to be gone: since when. It is removed once it is proven, or
   * once further passes lack it too.
   */
  readonly missingSince: string | null;
}

/** Stands for the region of resources that have none. */
export const NO_REGION = '';

/** One kind in one project, with how fresh it is. */
export interface InventoryPartition {
  readonly kind: string;
  readonly project: string | null;
  /** Counts complete lists: rows are replaced as a whole, never one by one. */
  readonly generation: number;
  readonly resources: number;
  /** How many of them are in which region; {@link NO_REGION} for those without one. */
  readonly regions: Readonly<Record<string, number>>;
  /** When the rows were last listed completely; null = never. */
  readonly listedAt: string | null;
  readonly source: string | null;
  /** Set if the last list failed, was partial, or lacked rows that may still be there: the problem, and since when. */
  readonly stale: { readonly since: string; readonly problem: Problem } | null;
  /** Set while the credential lacks the right to list this: the right that the cloud named, and since when. */
  readonly denied: { readonly since: string; readonly action: string | null } | null;
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
  readonly changed: readonly ChangedRow[];
}

export interface ChangedRow {
  readonly row: InventoryRow;
  /** What differs, by the row's own field names; those of `summary` and `tags` as `summary.sizeGb`, `tags.team`. */
  readonly fields: readonly { readonly field: string; readonly from: Json; readonly to: Json }[];
}

/** What a list did to its partition. */
export interface WrittenList extends InventoryChanges {
  /** Whether the right to list this kind was lost or came back. */
  readonly access: 'lost' | 'regained' | null;
  /** Why what was written is not the complete list; null = it is. */
  readonly problem: Problem | null;
}

/** `undefined` = refused: the inventory of this epoch was dropped. */
export type WriteResult = WrittenList | undefined;

/** Set where a right is missing: the right that the cloud named, if it named one. */
export interface MissingRight {
  readonly action: string | null;
}

/** How a complete list is checked before rows that it lacks are removed. */
export interface CompleteList {
  /** When its pass was asked for: the lists of one pass are one piece of evidence, however often they were repeated. */
  readonly since: string;
  /** Asked only where rows would be removed; left out where the cloud has no other way to ask. */
  readonly witness?: (absent: readonly KeptRow[]) => Promise<WitnessAnswer>;
}

/** By the rows' keys. A row that is in neither set is left to the next passes. */
export interface WitnessAnswer {
  readonly gone: ReadonlySet<string>;
  readonly there: ReadonlySet<string>;
  /** Why the others could not be asked about: no pass removes them while this is so. */
  readonly refused: { readonly problem: Problem; readonly denied: MissingRight | null } | null;
}

export interface InventoryFilter {
  readonly kind?: string;
  readonly project?: string;
  readonly region?: string;
  readonly status?: string;
  /** `name`, or `name=value`: with this tag. */
  readonly tag?: string;
  /** Case-insensitive, anywhere in id, name, tags or summary values. */
  readonly text?: string;
}

export interface InventoryPage {
  readonly rows: readonly KeptRow[];
  /** The partitions that rows were looked for in, as they were then. */
  readonly partitions: readonly InventoryPartition[];
  /** The cursor of the next page; null = this was the last. It stays valid if the rows are replaced in between. */
  readonly next: Json | null;
}

/**
 * The resources that were found in the accounts. A complete list replaces the rows of its partition; rows that it lacks
 * are removed once that is proven (`docs/decisions/0031`). A partial list adds the rows that it found, and a failed list
 * keeps the old rows; both mark the partition stale, and neither deletes a row. A row is kept under the
 * kind and project of its list, even if the row names others. Built on the ephemeral store.
 */
export interface Inventory {
  replace(
    write: InventoryWrite,
    rows: readonly InventoryRow[],
    source: string,
    list: CompleteList,
  ): Promise<WriteResult>;
  merge(
    write: InventoryWrite,
    rows: readonly InventoryRow[],
    source: string,
    problem: Problem,
    denied?: MissingRight | null,
  ): Promise<WriteResult>;
  markStale(write: InventoryWrite, problem: Problem, denied?: MissingRight | null): Promise<WriteResult>;
  /** Drops all other partitions, whose projects were deleted. */
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
