/**
 * Works on every item, at most so many at a time; stops taking new ones when the signal aborts, and rejects with its
 * reason then. `work` deals with its own errors.
 */
export async function each<T>(
  items: Iterable<T>,
  atOnce: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      signal.throwIfAborted();
      await work(next.value);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
