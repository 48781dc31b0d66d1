/** Tags as the service has them. What of them a row may show is decided for all clouds at once (`listing/tags.ts`). */
export type Tags = Readonly<Record<string, string>>;

/** Each service has its own spelling of a pair. */
interface Pair {
  readonly Key?: unknown;
  readonly Value?: unknown;
  readonly key?: unknown;
  readonly value?: unknown;
}

/** Of a list of pairs, or of an object with the tags by name. */
export function tagsOf(given: unknown): Tags {
  const pairs = Array.isArray(given)
    ? (given as readonly (Pair | null)[]).map((pair) => [pair?.Key ?? pair?.key, pair?.Value ?? pair?.value ?? ''])
    : Object.entries(given instanceof Object ? given : {});
  const tags = pairs.filter((pair): pair is [string, string] => pair.every((text) => typeof text === 'string'));
  return Object.fromEntries(tags);
}
