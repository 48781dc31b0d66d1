import type { Operation } from './cloud.ts';

/** A request that waits at an exact point until a test releases it. */
export interface Hold {
  readonly id: string;
  readonly cloud: string;
  readonly region: string;
  readonly endpoint: string;
  readonly when: 'before' | 'after';
  /** True when the client's connection is gone: a killed worker, or its deadline. */
  readonly clientGone: boolean;
}

export interface Holds {
  /** Resolves when released; `isClientGone` is asked whenever the hold is listed. */
  enter(operation: Operation, when: Hold['when'], isClientGone: () => boolean): Promise<void>;
  list(): Hold[];
  /** As `list`, of one endpoint (null = all), but waits up to `waitMs` for there to be one. */
  wait(waitMs: number, endpoint: string | null): Promise<Hold[]>;
  /** False where no such request is held. */
  release(id: string): boolean;
  releaseAll(): void;
}

export function createHolds(): Holds {
  const held = new Map<string, { hold: Omit<Hold, 'clientGone'>; isClientGone: () => boolean; resume: () => void }>();
  const waiters = new Set<() => void>();
  let count = 0;

  const list = (): Hold[] =>
    [...held.values()].map(({ hold, isClientGone }) => ({ ...hold, clientGone: isClientGone() }));
  const release = (id: string): boolean => {
    held.get(id)?.resume();
    return held.delete(id);
  };

  return {
    enter: ({ cloud, region, endpoint }, when, isClientGone) =>
      new Promise((resume) => {
        const id = `hold-${++count}`;
        held.set(id, { hold: { id, cloud, region, endpoint, when }, isClientGone, resume });
        for (const look of waiters) look();
      }),
    list,
    async wait(waitMs, endpoint) {
      const found = () => list().filter((hold) => endpoint === null || hold.endpoint === endpoint);
      if (found().length === 0 && waitMs > 0) {
        await new Promise<void>((resolve) => {
          const look = () => {
            if (found().length > 0) done();
          };
          const done = () => {
            clearTimeout(timer);
            waiters.delete(look);
            resolve();
          };
          const timer = setTimeout(done, waitMs);
          waiters.add(look);
        });
      }
      return found();
    },
    release,
    releaseAll() {
      for (const id of held.keys()) release(id);
    },
  };
}
