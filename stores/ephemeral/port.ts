import type { Json } from '../../platform/json.ts';

export interface StreamEntry {
  /** Grows within a stream; what a reader gives back to resume after it. */
  readonly id: string;
  readonly value: Json;
}

/**
 * What expires or can be made again: OAuth states, published views, event fan-out, rate limits, inventory.
 * As Redis has it; losing all of it costs a new sign-in or a new discovery, never a credential. Values hold no
 * secret in clear. Throws {@link EphemeralStoreUnavailable} and nothing else.
 */
export interface EphemeralStore {
  put(key: string, value: Json, ttlSeconds: number): Promise<void>;
  /** Writes only where the key is absent or expired; answers whether it wrote. Atomic. */
  putIfAbsent(key: string, value: Json, ttlSeconds: number): Promise<boolean>;
  get(key: string): Promise<Json | undefined>;
  /** Reads and deletes in one step: of several callers at once exactly one gets the value. */
  take(key: string): Promise<Json | undefined>;
  delete(key: string): Promise<void>;
  /** Counts up within a window that starts at the first call. Atomic. */
  increment(key: string, windowSeconds: number): Promise<{ count: number; resetSeconds: number }>;
  /** Appends to a stream that keeps about the newest `keep` entries and lives `ttlSeconds` from its last append. */
  append(stream: string, value: Json, options: { keep: number; ttlSeconds: number }): Promise<string>;
  /** Entries after `afterId` (null = from the oldest kept), oldest first, at most `limit`. */
  readStream(stream: string, afterId: string | null, limit: number): Promise<StreamEntry[]>;
  /** Rejects with {@link EphemeralStoreUnavailable} unless the store answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export class EphemeralStoreUnavailable extends Error {
  override readonly name = 'EphemeralStoreUnavailable';
}
