import { setTimeout as delay } from 'node:timers/promises';

interface Timers {
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<unknown>;
}

const realTimers: Timers = { now: () => performance.now(), wait: async (milliseconds) => await delay(milliseconds) };

/** Each call of the function that is returned ends at least `everyMs` milliseconds after the call before it. */
export function createTurns(everyMs: number, { now, wait }: Timers = realTimers): () => Promise<void> {
  let nextAtMs = -Infinity;
  return async () => {
    const nowMs = now();
    const atMs = Math.max(nowMs, nextAtMs);
    nextAtMs = atMs + everyMs;
    if (atMs > nowMs) await wait(atMs - nowMs);
  };
}
