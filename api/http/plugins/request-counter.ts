import type { Clock } from '../../../platform/clock.ts';
import type { EphemeralStore } from '../../../stores/ephemeral/port.ts';

const WINDOW_SECONDS = 60;
const KEYS_KEPT = 10_000;

export interface Counted {
  /** Requests of the current minute, this one included. */
  readonly count: number;
  /** Unix milliseconds. */
  readonly resetAtMs: number;
}

export interface RequestCounter {
  /** The count that this process knows, plus its own uncounted requests and this one. Undefined when it knows none. */
  known(key: string): Counted | undefined;
  /** Counts one request. Rejects as the ephemeral store does. */
  count(key: string): Promise<Counted>;
}

interface Bucket {
  answer: Counted | undefined;
  /** Requests that will be counted together once the previous call has ended. */
  waiting: number;
  next: Promise<{ readonly first: number; readonly resetAtMs: number }> | undefined;
  sending: Promise<unknown>;
}

/**
 * Counts requests per key and minute. For each key one call to the store is pending at a time; requests that arrive
 * meanwhile are counted together by the next call, so that a busy key causes few calls.
 */
export function createRequestCounter(deps: {
  readonly ephemeral: Pick<EphemeralStore, 'increment'>;
  readonly clock: Clock;
}): RequestCounter {
  const { ephemeral, clock } = deps;
  const buckets = new Map<string, Bucket>();

  const bucketOf = (key: string): Bucket => {
    const known = buckets.get(key);
    if (known) return known;
    if (buckets.size >= KEYS_KEPT) buckets.clear();
    const bucket: Bucket = { answer: undefined, waiting: 0, next: undefined, sending: Promise.resolve() };
    buckets.set(key, bucket);
    return bucket;
  };

  const sendWaiting = async (key: string, bucket: Bucket) => {
    const by = bucket.waiting;
    bucket.waiting = 0;
    bucket.next = undefined;
    const sent = ephemeral.increment(key, WINDOW_SECONDS, by);
    bucket.sending = sent.catch(() => undefined);
    const { count, resetSeconds } = await sent;
    const resetAtMs = clock.now() + resetSeconds * 1000;
    bucket.answer = { count, resetAtMs };
    return { first: count - by + 1, resetAtMs };
  };

  return {
    known(key) {
      const bucket = buckets.get(key);
      if (!bucket?.answer || clock.now() >= bucket.answer.resetAtMs) return undefined;
      return { ...bucket.answer, count: bucket.answer.count + bucket.waiting + 1 };
    },
    async count(key) {
      const bucket = bucketOf(key);
      const before = bucket.waiting++;
      bucket.next ??= bucket.sending.then(() => sendWaiting(key, bucket));
      const { first, resetAtMs } = await bucket.next;
      return { count: first + before, resetAtMs };
    },
  };
}
