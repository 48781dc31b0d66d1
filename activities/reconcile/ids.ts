/** Ids by where they were found. */
export interface Inventory {
  readonly live: ReadonlySet<string>;
  readonly revoking: ReadonlySet<string>;
  readonly pending: ReadonlySet<string>;
  readonly running: ReadonlySet<string>;
  readonly endedFromOutside: ReadonlySet<string>;
}

/**
 * All ids, each once: those that run, then those of which something is stored or that ended from outside and that
 * visibility does not list as running. Each set is passed through once.
 */
export function toLookAt({ live, revoking, pending, running, endedFromOutside }: Inventory): Set<string> {
  const ids = new Set(running);
  for (const found of [live, revoking, pending, endedFromOutside]) for (const id of found) ids.add(id);
  return ids;
}

/** A gate's folders (`con_x/`), as ids; keys of another shape are none of ours. */
export function idsOf(names: readonly string[]): Set<string> {
  const ids = new Set<string>();
  for (const name of names) if (name.endsWith('/')) ids.add(name.slice(0, -1));
  return ids;
}
