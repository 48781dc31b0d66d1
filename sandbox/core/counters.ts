import type { Tables } from './tables.ts';

/** Counts of what happened at one cloud. They are part of the state: a restart does not set them back. */
export interface Counters {
  add(name: string): void;
  read(): Record<string, number>;
}

export function createCounters(tables: Tables, cloud: string): Counters {
  const rows = tables.table<{ name: string; count: number }>(`${cloud}.counters`);
  return {
    add: (name) => rows.put(name, { name, count: (rows.get(name)?.count ?? 0) + 1 }),
    read: () => Object.fromEntries([...rows.values()].map(({ name, count }) => [name, count])),
  };
}
