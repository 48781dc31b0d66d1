import type { AuditEntry } from './line.ts';

const WINDOW_MS = 60_000;
/** Beyond it, the oldest window ends early. */
const MOST_WINDOWS = 20_000;

interface Window {
  readonly endsAtMs: number;
  /** The repeats since the first, which is recorded already. */
  repeats: AuditEntry | undefined;
}

/**
 * Makes one entry of what is repeated within a minute. The first is recorded at once, so that it is not lost with the
 * process; its repeats follow as one entry with their count, once the minute is over.
 */
export interface Repeats {
  /** True where it was counted as a repeat; false where the caller must record it. */
  count(entry: AuditEntry, nowMs: number): boolean;
  /** The entries whose minute is over; with `all`, every one. */
  due(nowMs: number, all?: boolean): AuditEntry[];
  readonly size: number;
}

export function createRepeats(): Repeats {
  // All windows are equally long, so that they end in the order in which they began.
  const windows = new Map<string, Window>();
  const ended: AuditEntry[] = [];

  const end = (key: string, { repeats }: Window): void => {
    windows.delete(key);
    if (repeats) ended.push(repeats);
  };

  return {
    count(entry, nowMs) {
      const key = keyOf(entry);
      const window = windows.get(key);
      if (window && nowMs < window.endsAtMs) {
        const { repeats } = window;
        window.repeats = repeats ? { ...repeats, count: repeats.count + 1, lastAt: entry.at } : entry;
        return true;
      }
      if (window) end(key, window);
      const [oldest] = windows.size >= MOST_WINDOWS ? windows : [];
      if (oldest) end(...oldest);
      windows.set(key, { endsAtMs: nowMs + WINDOW_MS, repeats: undefined });
      return false;
    },
    due(nowMs, all = false) {
      for (const [key, window] of windows) {
        if (!all && nowMs < window.endsAtMs) break;
        end(key, window);
      }
      return ended.splice(0);
    },
    get size() {
      return windows.size;
    },
  };
}

/** Repeats differ in nothing but the time and the ids of their requests. */
const keyOf = ({ actor, tenant, address, action, connection, target, status, code }: AuditEntry): string =>
  [actor?.kind, actor?.id, tenant, address, action, connection, target, status, code].join('\n');
