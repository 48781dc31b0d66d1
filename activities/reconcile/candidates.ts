/** Ids by where they were found. */
export interface Inventory {
  readonly live: ReadonlySet<string>;
  readonly revoking: ReadonlySet<string>;
  readonly pending: ReadonlySet<string>;
  readonly running: ReadonlySet<string>;
  readonly endedFromOutside: ReadonlySet<string>;
}

/**
 * Ids that need a closer look: something is stored for them, or they ended from outside, and visibility lists no run.
 * Each set is passed through once.
 */
export function candidatesOf({ live, revoking, pending, running, endedFromOutside }: Inventory): Set<string> {
  const candidates = new Set<string>();
  for (const ids of [live, revoking, pending, endedFromOutside]) {
    for (const id of ids) if (!running.has(id)) candidates.add(id);
  }
  return candidates;
}

/** A gate's folders (`con_x/`), as ids; keys of another shape are none of ours. */
export function idsOf(names: readonly string[]): Set<string> {
  const ids = new Set<string>();
  for (const name of names) if (name.endsWith('/')) ids.add(name.slice(0, -1));
  return ids;
}
