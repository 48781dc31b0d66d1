class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}

/**
 * Ends when `work` does or after `milliseconds`, whichever comes first, with an Error. The signal
 * is for what can be cancelled; the end does not depend on anything heeding it.
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
