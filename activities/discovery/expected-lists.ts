import { CancelledFailure } from '@temporalio/common';

import type { ListJob } from './list-jobs.ts';
import { keyOf } from './list-progress.ts';

/** Lists that another list will most likely ask for: those of known projects, beside the list of projects. */
export interface ExpectedJobs {
  /** The job that decides at its end which of them are wanted. */
  readonly by: ListJob;
  readonly jobs: readonly ListJob[];
}

/** A list that begins before it is decided whether it is wanted. Both promises reject when the work is aborted. */
export interface Undecided {
  /** Aborted where the list is not wanted, or with the whole work. */
  readonly signal: AbortSignal;
  /** Resolves when the deciding list was asked for: it is the first one that a lister hears of in a pass. */
  readonly begun: Promise<unknown>;
  /** Resolves when it is decided. Nothing is written before. */
  readonly decided: Promise<unknown>;
}

export interface ExpectedLists {
  has(job: ListJob): boolean;
  /** Undefined = the list is wanted. */
  undecided(job: ListJob): Undecided | undefined;
  /** To be called when the deciding list was asked for. */
  begin(): void;
  /** Ends the lists that are under way and not wanted. Answers all that are not wanted. */
  decide(wanted: readonly ListJob[]): readonly ListJob[];
}

export function createExpectedLists(jobs: readonly ListJob[], signal: AbortSignal): ExpectedLists {
  const stops = new Map(jobs.map((job) => [keyOf(job), new AbortController()]));
  const begun = Promise.withResolvers<undefined>();
  const decided = Promise.withResolvers<undefined>();
  let isDecided = false;
  for (const { promise, reject } of [begun, decided]) {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    // Perhaps no list waits for it.
    promise.catch(() => undefined);
  }

  return {
    has: (job) => stops.has(keyOf(job)),
    undecided(job) {
      const stop = stops.get(keyOf(job));
      if (!stop || isDecided) return undefined;
      const either = AbortSignal.any([signal, stop.signal]);
      return { signal: either, begun: begun.promise, decided: decided.promise };
    },
    begin: () => begun.resolve(undefined),
    decide(wanted) {
      const kept = new Set(wanted.map(keyOf));
      const unwanted = jobs.filter((job) => !kept.has(keyOf(job)));
      isDecided = true;
      for (const job of unwanted) stops.get(keyOf(job))?.abort(new CancelledFailure('The list is not wanted.'));
      // It may have failed before it was asked for.
      begun.resolve(undefined);
      decided.resolve(undefined);
      return unwanted;
    },
  };
}
