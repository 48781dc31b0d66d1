import type { Clock } from '../../platform/clock.ts';

/**
 * Asks, or returns the cached answer to the same question. Callers that ask while a question is pending share its
 * answer; a failure is not cached.
 */
export type Shared<T> = (key: string, ask: () => Promise<T>) => Promise<T>;

/** A cache of at most `most` answers, each kept for as long as `keptMs` says. */
export function shareAnswers<T>(
  clock: Clock,
  { keptMs, most }: { readonly keptMs: (answer: T) => number; readonly most: number },
): Shared<T> {
  const entries = new Map<string, { readonly answer: Promise<T>; fromMs: number; freshUntilMs: number }>();
  return async (key, ask) => {
    const known = entries.get(key);
    const nowMs = clock.now();
    // A clock that was set back must not make an answer live longer.
    if (known && known.fromMs <= nowMs && nowMs < known.freshUntilMs) return await known.answer;
    const entry = { answer: ask(), fromMs: -Infinity, freshUntilMs: Infinity };
    entries.delete(key);
    const [oldest] = entries.size >= most ? entries.keys() : [];
    if (oldest !== undefined) entries.delete(oldest);
    entries.set(key, entry);
    try {
      const answer = await entry.answer;
      entry.fromMs = clock.now();
      entry.freshUntilMs = entry.fromMs + keptMs(answer);
      return answer;
    } catch (error) {
      if (entries.get(key) === entry) entries.delete(key);
      throw error;
    }
  };
}
