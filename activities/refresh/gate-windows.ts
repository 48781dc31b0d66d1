import type { ProviderPause } from '../../stores/provider-pauses.ts';
import { LONGEST_HOLD_MS } from '../../stores/provider-states.ts';

const FIRST_PROBE_MS = 15_000;
/** One call a minute is no load for a cloud that is down, and its customers wait at most that long once it is back. */
const LONGEST_BACKOFF_MS = 60_000;

/**
 * Windows of one length that follow one another. A caller that is held in one of them gets a random place in the next.
 * So each caller asks once in a window, and they are evenly spread, whether they came one by one or all at once.
 */
export interface Windows {
  /** Unix ms: where the first begins. A caller that is held before gets a place in it. */
  readonly windowsFromMs: number;
  readonly windowMs: number;
}

const SHORTEST_WINDOW_MS = 20_000;
/** 17 callers a second, up to the longest window. */
const MS_A_CALLER = 60;

/** Short for a few callers, and long enough that thousands do not call at once. Undefined = not known. */
export const windowFor = (callers: number | undefined, longestMs: number): number =>
  callers === undefined ? longestMs : Math.min(Math.max(callers * MS_A_CALLER, SHORTEST_WINDOW_MS), longestMs);

/** Unix milliseconds: when the window after the one at `nowMs` begins. */
export function nextWindowMs({ windowsFromMs, windowMs }: Windows, nowMs: number): number {
  if (nowMs < windowsFromMs) return windowsFromMs;
  return windowsFromMs + (Math.floor((nowMs - windowsFromMs) / windowMs) + 1) * windowMs;
}

/**
 * The share of callers that are let in during the rest of the window in which the gate closed; the others get a place
 * in the next window. Of N callers, f N had asked in this window before it closed: they have a place in the next
 * already. If all others were let in now, the rate would be N in this window and f N in the next: for a small f, a herd
 * and a nearly empty window. With a share q of them let in, the rate is q N now and (f + (1 - q)(1 - f)) N in the next
 * window. Both are the same for q = 1 / (2 - f).
 */
export function shareLetIn({ windowsFromMs, windowMs }: Windows, closedAtMs: number): number {
  // The first window has not begun, and all callers that were held have their place in it.
  if (closedAtMs < windowsFromMs) return 1;
  const asked = ((closedAtMs - windowsFromMs) % windowMs) / windowMs;
  return 1 / (2 - asked);
}

/** The windows of a pause. A start in the future was written by a clock that is ahead, so it counts as now. */
export function windowsOf({ since }: ProviderPause, windowMs: number, nowMs: number): Windows {
  return { windowsFromMs: Math.min(Date.parse(since), nowMs) + windowMs, windowMs };
}

/** How long an open gate waits for its next probe, in milliseconds: what the cloud asked for, within bounds. */
export function probeBackoffMs(failedProbes: number, retryAfterSeconds: number | null): number {
  const backoff = Math.min(FIRST_PROBE_MS * 2 ** failedProbes, LONGEST_BACKOFF_MS);
  const asked = Number.isFinite(retryAfterSeconds) ? Number(retryAfterSeconds) * 1_000 : 0;
  return Math.max(backoff, Math.min(asked, LONGEST_HOLD_MS));
}
