import type { Json } from '../../platform/json.ts';

export interface StreamEntry {
  /** Increases within a stream; a reader's cursor. */
  readonly id: string;
  /** Null for an entry that Mooring did not write. */
  readonly value: Json;
}

/** A change to the fields under one key. */
export interface FieldChange {
  readonly key: string;
  readonly set: Readonly<Record<string, Json>>;
  readonly unset: readonly string[];
}

export interface Fence {
  /** Holds a whole number, or nothing. */
  readonly key: string;
  /** The change is refused while the fence holds this number or a higher one. */
  readonly below: number;
}

/**
 * What expires or can be made again: OAuth states, published views, event fan-out, rate limits, inventory.
 * As Redis has it; losing all of it costs a new sign-in or a new discovery, never a credential. Values are sealed, each
 * to its place: what another program wrote or moved there counts as absent. Throws {@link EphemeralStoreUnavailable} and
 * nothing else.
 */
export interface EphemeralStore {
  put(key: string, value: Json, ttlSeconds: number): Promise<void>;
  /** Writes only where the key is absent or expired; answers whether it wrote. Atomic. */
  putIfAbsent(key: string, value: Json, ttlSeconds: number): Promise<boolean>;
  get(key: string): Promise<Json | undefined>;
  /** Reads and deletes in one step: of several callers at once exactly one gets the value. */
  take(key: string): Promise<Json | undefined>;
  delete(key: string): Promise<void>;
  /**
   * Counts `by` more (default: 1; below zero, takes back) within a window that starts at the first call. Atomic.
   */
  increment(key: string, windowSeconds: number, by?: number): Promise<{ count: number; resetSeconds: number }>;
  /** Appends to a stream that keeps about the newest `keep` entries and lives `ttlSeconds` from its last append. */
  append(stream: string, value: Json, options: { keep: number; ttlSeconds: number }): Promise<string>;
  /** Entries after `afterId` (null = from the oldest kept), oldest first, at most `limit`. */
  readStream(stream: string, afterId: string | null, limit: number): Promise<StreamEntry[]>;
  /** The named fields under a key, or all of them; those that are absent are left out. */
  getFields(key: string, names?: readonly string[]): Promise<Readonly<Record<string, Json>>>;
  /**
   * Changes fields of one or more keys, all or nothing, unless the fence refuses it; answers whether it did. Atomic,
   * including the check of the fence. All fields of a key live `ttlSeconds` from its last change; a key without fields
   * does not exist.
   */
  changeFields(changes: readonly FieldChange[], fence: Fence, ttlSeconds: number): Promise<boolean>;
  /** Rejects with {@link EphemeralStoreUnavailable} unless the store answers. */
  ping(): Promise<void>;
  /** As `SecretStore.reseal`. */
  reseal?(): Promise<number>;
  close(): Promise<void>;
}

export class EphemeralStoreUnavailable extends Error {
  override readonly name = 'EphemeralStoreUnavailable';
}
