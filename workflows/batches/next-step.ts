import { itemOutcomes, ITEMS_IN_A_PART, type BatchInput, type ItemPlace } from '../../contracts/batches.ts';
import type { BatchState } from './state.ts';

const MINUTE_MS = 60 * 1000;

/** An item that the cloud has not let in by then leaves its place in the window; its connection goes on. */
const IN_WINDOW_MS = MINUTE_MS;
/** So many windows may be under way at once, those included that have left their places. */
const WINDOWS_UNDER_WAY = 10;
/** From then on an item is told as waiting. */
export const WAITING_AFTER_MS = 15 * MINUTE_MS;
/** How often waiting items are looked at again, and how many at a time. */
const LOOK_EVERY_MS = 10 * MINUTE_MS;
const LOOKED_AT_ONCE = 200;

/** What a batch does next, decided by its state and the time alone. */
export type Step =
  | { readonly do: 'advance'; readonly begin: readonly ItemPlace[]; readonly watch: readonly number[] }
  /** Looks at items that wait; `next` is where and when the following look begins. */
  | { readonly do: 'look'; readonly watch: readonly number[]; readonly next: BatchState['look'] }
  | { readonly do: 'sleep'; readonly untilMs: number; readonly summary: string }
  | { readonly do: 'end' };

export function nextStep(state: BatchState, { window }: Pick<BatchInput, 'window'>, nowMs: number): Step {
  const watch = Object.keys(state.begun).map(Number);
  const inWindow = Object.values(state.begun).filter((at) => nowMs - at < IN_WINDOW_MS).length;
  const isClosed = nowMs >= Date.parse(state.closesAt);
  const free = Math.min(window - inWindow, window * WINDOWS_UNDER_WAY - watch.length);
  const begin = firstPending(state, free);
  if (begin.length > 0 || watch.length > 0) return { do: 'advance', begin, watch };
  if (state.isCancelled || isClosed) return { do: 'end' };
  const rest = waitingFrom(state, state.look.from);
  const waiting = rest.length > 0 ? rest : waitingFrom(state, 0);
  if (waiting.length > 0 && nowMs >= state.look.at) {
    const last = waiting.at(-1) ?? 0;
    const isMore = waitingFrom(state, last + 1).length > 0;
    return {
      do: 'look',
      watch: waiting,
      next: isMore ? { from: last + 1, at: nowMs } : { from: 0, at: nowMs + LOOK_EVERY_MS },
    };
  }
  const closesAt = Date.parse(state.closesAt);
  if (waiting.length === 0) {
    return { do: 'sleep', untilMs: closesAt, summary: `Takes further items until ${state.closesAt}` };
  }
  return { do: 'sleep', untilMs: Math.min(closesAt, state.look.at), summary: 'Looks at the waiting items again' };
}

function firstPending(state: BatchState, most: number): readonly ItemPlace[] {
  const places: ItemPlace[] = [];
  for (
    let index = state.outcomes.indexOf(itemOutcomes.pending);
    index >= 0 && places.length < most;
    index = state.outcomes.indexOf(itemOutcomes.pending, index + 1)
  ) {
    const addition = state.additions.find(({ from, count }) => index >= from && index < from + count);
    if (!addition) break;
    const offset = index - addition.from;
    places.push({
      index,
      ref: addition.ref,
      part: Math.floor(offset / ITEMS_IN_A_PART),
      position: offset % ITEMS_IN_A_PART,
    });
  }
  return places;
}

function waitingFrom({ outcomes }: BatchState, from: number): readonly number[] {
  const found: number[] = [];
  for (
    let index = outcomes.indexOf(itemOutcomes.waiting, from);
    index >= 0 && found.length < LOOKED_AT_ONCE;
    index = outcomes.indexOf(itemOutcomes.waiting, index + 1)
  ) {
    found.push(index);
  }
  return found;
}
