import { setTimeout as delay } from 'node:timers/promises';

import { createBoundedMap } from '../../../platform/bounded-map.ts';
import type { Clock } from '../../../platform/clock.ts';
import { parseRetryAfter } from '../../http/retry-after.ts';

/** Rejects with the signal's reason when it is aborted. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export const realPause: Pause = async (milliseconds, signal) => {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
};

/** The lists of one connection share quotas, each of which has a name. */
export interface Pace {
  /** Waits until the quota is renewed, where an answer said that it is used up. Answers how long, in milliseconds. */
  turn(quota: string, signal: AbortSignal): Promise<number>;
  /** Reads what an answer says of the quota. */
  note(quota: string, headers: Headers): void;
  /** After HTTP 429. Undefined where the wait would be longer than `mostMs`: then it was not waited at all. */
  afterRefusal(quota: string, headers: Headers, mostMs: number, signal: AbortSignal): Promise<number | undefined>;
}

const MOST_QUOTAS = 10_000;
/**
 * Resource Graph renews its quota every five seconds:
 * https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
 */
const QUOTA_MS = 5_000;
/** A header that asks for more is not believed: the next 429 says what is true. */
const LONGEST_TURN_MS = 60_000;

export function createPace({ clock, pause }: { clock: Clock; pause: Pause }): Pace {
  const resumesAt = createBoundedMap<string, number>(MOST_QUOTAS);

  const hold = (quota: string, forMs: number): void =>
    resumesAt.set(quota, Math.max(resumesAt.get(quota) ?? 0, clock.now() + forMs));

  const turn = async (quota: string, signal: AbortSignal): Promise<number> => {
    const waitMs = (resumesAt.get(quota) ?? 0) - clock.now();
    if (waitMs <= 0) return 0;
    await pause(waitMs, signal);
    return waitMs;
  };

  return {
    turn,
    note(quota, headers) {
      if (headers.get('x-ms-user-quota-remaining') !== '0') return;
      hold(quota, Math.min(resetsAfterMs(headers) ?? QUOTA_MS, LONGEST_TURN_MS));
    },
    async afterRefusal(quota, headers, mostMs, signal) {
      const seconds = parseRetryAfter(headers.get('retry-after'), clock.now());
      const waitMs = seconds === null ? (resetsAfterMs(headers) ?? QUOTA_MS) : seconds * 1000;
      if (waitMs > mostMs) return undefined;
      // The other lists of the quota would be refused as well.
      hold(quota, waitMs);
      return await turn(quota, signal);
    },
  };
}

/** `hh:mm:ss`. */
function resetsAfterMs(headers: Headers): number | undefined {
  const [, hours, minutes, seconds] =
    /^(\d\d):(\d\d):(\d\d)/.exec(headers.get('x-ms-user-quota-resets-after') ?? '') ?? [];
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return Number.isFinite(total) && total > 0 ? total * 1000 : undefined;
}
