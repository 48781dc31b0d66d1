/** A timer this late means that the process was frozen, not that the cloud did not answer. */
const FROZEN_MS = 500;
/** How long I/O then gets to deliver what the kernel has buffered: several turns of the event loop. */
const THAW_MS = 250;

export interface Deadline {
  readonly signal: AbortSignal;
  cancel(): void;
}

/**
 * Aborts after `ms`. After a freeze (SIGSTOP, a paused container, a suspended machine) the timers phase runs before
 * the poll phase, so a plain timer would throw away an answer that arrived in time and is still in the socket's buffer.
 * A deadline that fires late waits once more, so that I/O runs first.
 */
export function startDeadline(ms: number): Deadline {
  const controller = new AbortController();
  const dueAt = performance.now() + ms;
  let thawing = false;
  const onTimer = () => {
    if (!thawing && performance.now() - dueAt > FROZEN_MS) {
      thawing = true;
      timer = setTimeout(onTimer, THAW_MS);
    } else {
      controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError'));
    }
  };
  let timer = setTimeout(onTimer, ms);
  return { signal: controller.signal, cancel: () => clearTimeout(timer) };
}

class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}

/**
 * Ends when `work` ends, or rejects after `milliseconds`. The signal is for work that can be cancelled; the deadline
 * holds even if the work ignores it.
 */
export async function withDeadline<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const expired = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new DeadlineExceeded(`no answer within ${milliseconds} ms`);
    expired.reject(error);
    controller.abort(error);
  }, milliseconds);
  try {
    return await Promise.race([work(controller.signal), expired.promise]);
  } finally {
    clearTimeout(timer);
  }
}
