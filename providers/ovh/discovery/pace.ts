import { setTimeout as delay } from 'node:timers/promises';

import { createBoundedMap } from '../../../platform/bounded-map.ts';
import type { Clock } from '../../../platform/clock.ts';
import { CallError } from '../../http/call-error.ts';
import { parseRetryAfter } from '../../http/retry-after.ts';

/**
 * The pace of one connection's calls in this process. OVHcloud limits calls by key, so all lists of a connection slow
 * down together. As fast as callers wish until a call is refused (HTTP 429); then all wait as long as the cloud says, one
 * call goes first, and each that succeeds lets one more go beside it.
 */
export interface Pace {
  /**
   * Sends the request, again after each 429. Throws {@link CallError} of one where the wait would end after `endsAtMs` (Unix
   * milliseconds). Rejects with the signal's reason.
   */
  send(until: Until, request: () => Promise<Response>): Promise<Response>;
  /** Waits until calls may be sent, for what sends them itself and can't wait. Throws like {@link send}. */
  opened(until: Until): Promise<void>;
  /** A call that this pace did not send was refused, and how long to wait is not known. */
  refused(): void;
}

interface Until {
  readonly signal: AbortSignal;
  readonly endsAtMs: number;
}

interface PaceDependencies {
  readonly clock: Clock;
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

const MOST_AT_ONCE = 100;
const LONGEST_PAUSE_SECONDS = 60;

const realPause = async (milliseconds: number): Promise<void> => await delay(milliseconds, undefined, { ref: false });

function createPace({ clock, pause = realPause }: PaceDependencies): Pace {
  let opensAtMs = -Infinity;
  let limitedAtMs = -Infinity;
  let refusalsInRow = 0;
  let atOnce = MOST_AT_ONCE;
  let inFlight = 0;
  let opening: Promise<void> | undefined;
  let ended = Promise.withResolvers<undefined>();

  /** One wait for all: each of them would be as long. */
  const waitForAll = async (): Promise<void> => {
    while (clock.now() < opensAtMs) await pause(opensAtMs - clock.now());
    opening = undefined;
  };

  async function opened({ signal, endsAtMs }: Until): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const waitMs = opensAtMs - clock.now();
      if (waitMs <= 0) return;
      if (opensAtMs > endsAtMs) throw limitedFor(waitMs);
      await unlessAborted((opening ??= waitForAll()), signal);
    }
  }

  async function enter(until: Until): Promise<void> {
    for (;;) {
      await opened(until);
      if (inFlight < atOnce) break;
      await unlessAborted(ended.promise, until.signal);
    }
    inFlight++;
  }

  function leave(): void {
    inFlight--;
    ended.resolve(undefined);
    ended = Promise.withResolvers<undefined>();
  }

  function limit(retryAfterSeconds: number | null, sentAtMs: number): void {
    // Calls that were under way together are refused together: the later refusals say nothing more than the first.
    const isFirst = sentAtMs > limitedAtMs;
    if (isFirst) {
      refusalsInRow++;
      limitedAtMs = clock.now();
    }
    atOnce = 1;
    const seconds = retryAfterSeconds ?? Math.min(2 ** (refusalsInRow - 1), LONGEST_PAUSE_SECONDS);
    opensAtMs = Math.max(opensAtMs, (isFirst ? clock.now() : sentAtMs) + seconds * 1000);
  }

  return {
    async send(until, request) {
      for (;;) {
        await enter(until);
        const sentAtMs = clock.now();
        try {
          const response = await request();
          if (response.status !== 429) {
            if (response.ok) refusalsInRow = 0;
            atOnce = Math.min(atOnce + 1, MOST_AT_ONCE);
            return response;
          }
          limit(parseRetryAfter(response.headers.get('retry-after'), clock.now()), sentAtMs);
        } finally {
          leave();
        }
      }
    },
    opened,
    refused() {
      // Several runs of a program are refused at a time: only the first is news.
      if (clock.now() >= opensAtMs) limit(null, clock.now());
    },
  };
}

/** The paces of all connections that this process lists. */
export function createPaces(deps: PaceDependencies): (connectionId: string) => Pace {
  const paces = createBoundedMap<string, Pace>(MOST_CONNECTIONS);
  return (connectionId) => {
    const known = paces.get(connectionId);
    if (known) return known;
    const fresh = createPace(deps);
    paces.set(connectionId, fresh);
    return fresh;
  };
}

/** Far more than are listed at a time. */
const MOST_CONNECTIONS = 5_000;

const limitedFor = (waitMs: number): CallError =>
  new CallError({ kind: 'status', status: 429, retryAfterSeconds: Math.ceil(waitMs / 1000), body: null });

async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
