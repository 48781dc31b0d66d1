import { AsyncLocalStorage } from 'node:async_hooks';

import type { AttemptStep, CloudCall } from '../../contracts/attempts.ts';

/** Hears of the calls to a cloud that a piece of work makes, wherever in it they are made. */
export interface CallWatch {
  readonly step: AttemptStep;
  /** What calls are named that nothing names more exactly. */
  readonly operation: string;
  /** Whether good calls are reported too. Failed ones always are. */
  readonly wantsGood: boolean;
  /** The call was made to be refused: a refusal is what was hoped for. */
  readonly isRefusalGood?: boolean;
  /** Must not throw, and must not wait for anything. */
  readonly report: (call: CloudCall, step: AttemptStep) => void;
}

const watches = new AsyncLocalStorage<CallWatch>();

export const watchCalls = <T>(watch: CallWatch, work: () => T): T => watches.run(watch, work);

/** Undefined where nothing hears of calls, e.g. of those that belong to no connection. */
export const currentWatch = (): CallWatch | undefined => watches.getStore();

type Named = Partial<Pick<CallWatch, 'step' | 'operation' | 'isRefusalGood'>>;

/** Says more exactly what the calls of this part of the work are. */
export function calling<T>(named: Named | string, work: () => T): T {
  const watch = watches.getStore();
  if (!watch) return work();
  return watches.run({ ...watch, ...(typeof named === 'string' ? { operation: named } : named) }, work);
}
