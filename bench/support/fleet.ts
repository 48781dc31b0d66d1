import type { Processes } from './sampler.ts';
import type { Space } from './stack.ts';

/** Connections that are kept alive, by the product or by the baseline: a benchmark does the same to both. */
export interface Fleet {
  readonly name: string;
  readonly space: Space;
  /** Workflow ids, one a connection. */
  readonly ids: readonly string[];
  /**
   * Onboards until there are so many, as quickly as it goes; resolves once all are kept alive and nothing else is being
   * done for them. `expectEnd` gets the likely time of that, now and then.
   */
  grow(to: number, expectEnd?: (atMs: number) => void): Promise<void>;
  /** Of these, how many have an access token that has expired. */
  expired(ids: readonly string[]): Promise<number>;
  /** As they run now, the shared parts included. */
  processes(): Processes;
  workerPids(): readonly number[];
  stopWorkers(): Promise<void>;
  startWorkers(): Promise<void>;
  stop(): Promise<void>;
}

/** Too early rather than too late: what falls due before the end is renewed, and aimed again. */
const SHARE_OF_WHAT_IS_LEFT = 0.8;
/** Before there is anything to go by. */
const FIRST_SECONDS = 3;

/** When a growth that began at `startedAtMs` will be over, going by how it went so far; earlier rather than later. */
export function expectedEndMs(growth: {
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly done: number;
  readonly total: number;
}): number {
  const { startedAtMs, nowMs, done, total } = growth;
  const seconds = (nowMs - startedAtMs) / 1000;
  if (seconds < FIRST_SECONDS || done === 0) return nowMs;
  return nowMs + ((total - done) / (done / seconds)) * 1000 * SHARE_OF_WHAT_IS_LEFT;
}
