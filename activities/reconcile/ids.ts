/** Ids by where they were found. */
export interface Listed {
  readonly live: ReadonlySet<string>;
  readonly revoking: ReadonlySet<string>;
  readonly pending: ReadonlySet<string>;
  /** As visibility has them, with the status of each; null where it has none. */
  readonly running: ReadonlyMap<string, string | null>;
  readonly endedFromOutside: ReadonlySet<string>;
}

/** A gate's folders (`con_x/`), as ids; keys of another shape are none of ours. */
export function idsOf(names: readonly string[]): Set<string> {
  const ids = new Set<string>();
  for (const name of names) if (name.endsWith('/')) ids.add(name.slice(0, -1));
  return ids;
}
