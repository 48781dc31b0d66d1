import { createBoundedMap } from './bounded-map.ts';
import type { Clock } from './clock.ts';

const KEPT = 1_000;

/** A cache for the answers of a slow call, each kept for a short time. */
export interface Recent<T> {
  /** The answer of `load`, at most `freshMs` old. Concurrent callers share one load. */
  get(key: string): Promise<T>;
  /** What this process itself has just written. */
  set(key: string, value: T): void;
  forget(key: string): void;
}

interface Entry<T> {
  readonly answer: Promise<T>;
  readonly askedAtMs: number;
  settled: boolean;
}

/** A failed load is kept like an answer, so that not every caller asks a service that is down. */
export function createRecent<T>(options: {
  readonly load: (key: string) => Promise<T>;
  readonly freshMs: number;
  readonly clock: Clock;
}): Recent<T> {
  const { load, freshMs, clock } = options;
  const entries = createBoundedMap<string, Entry<T>>(KEPT);

  const keep = (key: string, answer: Promise<T>, settled: boolean): Entry<T> => {
    const entry = { answer, askedAtMs: clock.now(), settled };
    entries.set(key, entry);
    return entry;
  };

  const ask = (key: string): Promise<T> => {
    const entry = keep(key, load(key), false);
    const settle = (): void => {
      entry.settled = true;
    };
    entry.answer.then(settle, settle);
    return entry.answer;
  };

  return {
    get(key) {
      const entry = entries.get(key);
      // A clock that was set back must not make an answer live longer.
      const ageMs = entry ? Math.abs(clock.now() - entry.askedAtMs) : Infinity;
      const usable = entry && (!entry.settled || ageMs < freshMs);
      return usable ? entry.answer : ask(key);
    },
    set: (key, value) => void keep(key, Promise.resolve(value), true),
    forget: (key) => entries.delete(key),
  };
}
