/** The place of a line. Within a chain both numbers only go up. */
export interface LinePlace {
  readonly seq: number;
  readonly recordedAtMs: number;
}

export interface StoredLine extends LinePlace {
  readonly text: string;
}

export interface ReadOptions {
  readonly order: 'newest_first' | 'oldest_first';
  /** Goes on behind this line. Null = from the end that the order begins with. */
  readonly after: LinePlace | null;
  /** Lines that were recorded from then on, and until then; null = no bound. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly limit: number;
}

/**
 * Keeps the lines of the audit record, one chain for each tenant and one for the installation. Nothing is ever changed;
 * the oldest lines are dropped when a chain is longer than it may be, or they are older. Throws
 * `EphemeralStoreUnavailable` and nothing else: it lives beside the ephemeral store.
 */
export interface AuditStore {
  /** The newest line; undefined for an empty chain. */
  last(chain: string): Promise<StoredLine | undefined>;
  /**
   * Appends all lines in one step if `after` is the newest line (null = the chain is empty); answers whether it did. The
   * lines must be in order.
   */
  append(
    chain: string,
    after: LinePlace | null,
    lines: readonly StoredLine[],
    keep: { readonly lines: number; readonly fromMs: number },
  ): Promise<boolean>;
  read(chain: string, options: ReadOptions): Promise<StoredLine[]>;
  close(): Promise<void>;
}
