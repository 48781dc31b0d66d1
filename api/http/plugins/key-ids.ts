import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../../platform/clock.ts';

/** Between two lists, at least. */
const PAUSE_MS = 100;
/** A list that takes long is followed by a longer pause: at most a tenth of the time is spent on lists. */
const PAUSE_FOR_EACH_MS = 9;

/** The ids of all API keys, for the moment when many unknown ids are presented. */
export interface KeyIds {
  /** Answers from a list that was begun after the call, so that a key made just before is in it. */
  has(id: string): Promise<boolean>;
}

/** Concurrent callers share a list; one list runs at a time. */
export function createKeyIds(deps: {
  readonly list: () => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}): KeyIds {
  const { list, clock, wait = delay } = deps;
  let next: Promise<ReadonlySet<string>> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let pauseMs = 0;

  const begin = async (): Promise<ReadonlySet<string>> => {
    await last.catch(() => undefined);
    if (pauseMs > 0) await wait(pauseMs);
    // Who asks from now on waits for the list after this one.
    next = undefined;
    const beganAtMs = clock.now();
    const listed = list();
    last = listed;
    try {
      return new Set(await listed);
    } finally {
      pauseMs = Math.max(PAUSE_MS, PAUSE_FOR_EACH_MS * (clock.now() - beganAtMs));
    }
  };

  return {
    async has(id) {
      next ??= begin();
      return (await next).has(id);
    },
  };
}
