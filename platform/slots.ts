/** Limits how many pieces of work run at once. The others wait, first come, first served. */
export interface Slots {
  /** Waits for a slot and holds it while the work runs. Rejects with the signal's reason when aborted while waiting. */
  use<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

export function createSlots(limit: number): Slots {
  const waiting = new Set<() => void>();
  let free = limit;

  const acquire = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (free > 0) {
      free--;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const enter = (): void => resolve(undefined);
    const giveUp = (): void => {
      // A caller that already has the slot is not rejected: only the end of its work releases the slot.
      if (waiting.delete(enter)) reject(signal.reason as Error);
    };
    waiting.add(enter);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  };

  const release = (): void => {
    const [next] = waiting;
    if (next === undefined) {
      free++;
    } else {
      waiting.delete(next);
      next();
    }
  };

  return {
    async use(signal, work) {
      await acquire(signal);
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}
