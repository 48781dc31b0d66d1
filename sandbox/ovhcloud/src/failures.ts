/** What was being done, and what came in its way: Go's `%s: %s`. */
export const because = (what: string, cause: unknown): Error => new Error(`${what}: ${reasonOf(cause)}`, { cause });

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Says what was being done, should it fail. */
export async function doing<T>(what: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw because(what, error);
  }
}
