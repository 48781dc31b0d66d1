import { setTimeout as pause } from 'node:timers/promises';

/** Asks again until the answer is true. Throws when time is up; what `isSo` throws counts as "not yet". */
export async function waitFor(
  what: string,
  isSo: () => Promise<boolean>,
  withinMs: number,
  everyMs = 100,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  let reason: unknown;
  for (;;) {
    try {
      if (await isSo()) return;
      reason = undefined;
    } catch (error) {
      reason = error;
    }
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs / 1000} s for ${what}, in vain.`, { cause: reason });
    await pause(everyMs);
  }
}

export async function untilTime(atMs: number): Promise<void> {
  await pause(Math.max(0, atMs - Date.now()));
}

/** Runs the work on all items, so many at once. Rejects with the first error, after the others have ended. */
export async function eachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      await work(items[index] as T, index);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}
