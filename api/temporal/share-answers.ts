import type { Clock } from '../../platform/clock.ts';

/** Asks, or shares the answer of somebody who asked the same a moment ago. A failure is shared only while it is under way. */
export type Shared<T> = (key: string, ask: () => Promise<T>) => Promise<T>;

/** Answers are shared for as long as `keptMs` says of them, at most `most` of them at a time. */
export function shareAnswers<T>(
  clock: Clock,
  { keptMs, most }: { readonly keptMs: (answer: T) => number; readonly most: number },
): Shared<T> {
  const entries = new Map<string, { readonly answer: Promise<T>; freshUntilMs: number }>();
  return async (key, ask) => {
    const known = entries.get(key);
    if (known && clock.now() < known.freshUntilMs) return await known.answer;
    const entry = { answer: ask(), freshUntilMs: Infinity };
    entries.delete(key);
    const [oldest] = entries.size >= most ? entries.keys() : [];
    if (oldest !== undefined) entries.delete(oldest);
    entries.set(key, entry);
    try {
      const answer = await entry.answer;
      entry.freshUntilMs = clock.now() + keptMs(answer);
      return answer;
    } catch (error) {
      if (entries.get(key) === entry) entries.delete(key);
      throw error;
    }
  };
}
