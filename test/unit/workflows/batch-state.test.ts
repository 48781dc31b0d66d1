import { describe, expect, test } from 'vitest';
import type { BatchInput } from '../../../contracts/batches.ts';
import { nextStep, WAITING_AFTER_MS, type Step } from '../../../workflows/batches/next-step.ts';
import {
  added,
  advanced,
  begunItems,
  cancelled,
  countsOf,
  fits,
  initialState,
  outcomeAt,
  statusOf,
  waitedEnough,
  type BatchState,
} from '../../../workflows/batches/state.ts';

const START_MS = Date.parse('2026-11-30T08:00:00.000Z');
const MINUTE_MS = 60_000;
const input: BatchInput = {
  id: `bat_${'a'.repeat(26)}`,
  tenant: 'acme',
  provider: 'aws',
  region: 'aws',
  method: 'role',
  name: null,
  terms: { tags: [], setup: {}, discovery: null, deadlineSeconds: null, mostConnections: null },
  window: 20,
  openSeconds: 90 * 86_400,
};
const withItems = (count: number, ref = 'first', state = initialState(input, START_MS)): BatchState =>
  added(state, { ref, count, requestId: null });
const numbers = (from: number, count: number) => Array.from({ length: count }, (_none, n) => from + n);
const begins = (step: Step) => (step.do === 'advance' ? step.begin.map(({ index }) => index) : []);
const connected = (indexes: readonly number[]) => ({
  settled: indexes.map((index) => ({ index, outcome: 'connected' as const })),
  absent: [],
});

describe('what a batch does next', () => {
  test('a batch begins no more items than its window has room for', () => {
    const first = nextStep(withItems(100), input, START_MS);
    expect(begins(first)).toEqual(numbers(0, 20));
    const running = begunItems(withItems(100), numbers(0, 20), START_MS);
    expect(begins(nextStep(running, input, START_MS))).toEqual([]);
    const freed = advanced(running, connected(numbers(0, 7)));
    expect(begins(nextStep(freed, input, START_MS))).toEqual(numbers(20, 7));
  });

  test('an item that is under way for a minute leaves its place in the window, and no more than ten windows are under way', () => {
    let state = withItems(1_000);
    for (let round = 0; round < 10; round++) {
      const now = START_MS + round * MINUTE_MS;
      const step = nextStep(state, input, now);
      expect(begins(step)).toEqual(numbers(round * 20, 20));
      state = begunItems(state, begins(step), now);
    }
    const step = nextStep(state, input, START_MS + 10 * MINUTE_MS);
    expect(begins(step)).toEqual([]);
    expect(step).toMatchObject({ do: 'advance', watch: numbers(0, 200) });
  });

  test('an item that the cloud has not let in for 15 minutes is waiting, and makes room for others', () => {
    const running = begunItems(withItems(1), [0], START_MS);
    expect(waitedEnough(running, START_MS - 1)).toBe(running);
    const state = waitedEnough(running, START_MS + WAITING_AFTER_MS - WAITING_AFTER_MS);
    expect(outcomeAt(state, 0)).toBe('waiting');
    expect(statusOf(state, countsOf(state))).toBe('finished');
    expect(state.begun).toEqual({});
  });

  test('each item is found in the part in which it was stored, also where items were added several times', () => {
    const state = withItems(60, 'second', withItems(3));
    const step = nextStep(state, { window: 63 }, START_MS);
    expect(step).toMatchObject({ do: 'advance' });
    const places = step.do === 'advance' ? step.begin : [];
    expect(places[2]).toEqual({ index: 2, ref: 'first', part: 0, position: 2 });
    expect(places[3]).toEqual({ index: 3, ref: 'second', part: 0, position: 0 });
    expect(places[52]).toEqual({ index: 52, ref: 'second', part: 0, position: 49 });
    expect(places[53]).toEqual({ index: 53, ref: 'second', part: 1, position: 0 });
  });

  test('waiting items are looked at again in turns of 200, and the next turn comes ten minutes after the last', () => {
    const all = numbers(0, 450);
    let state = waitedEnough(begunItems(withItems(450), all, START_MS), START_MS);
    let now = START_MS + 20 * MINUTE_MS;
    const looked: number[] = [];
    for (let step = nextStep(state, input, now); step.do === 'look'; step = nextStep(state, input, now)) {
      looked.push(...step.watch);
      state = { ...state, look: step.next };
    }
    expect(looked).toEqual(all);
    expect(nextStep(state, input, now)).toMatchObject({ do: 'sleep', untilMs: now + 10 * MINUTE_MS });
    now += 10 * MINUTE_MS;
    expect(nextStep(state, input, now)).toMatchObject({ do: 'look', watch: numbers(0, 200) });
  });

  test('a turn whose rest has settled meanwhile begins again, and never repeats without a pause', () => {
    let state = waitedEnough(begunItems(withItems(2), [0, 1], START_MS), START_MS);
    state = { ...advanced(state, connected([1])), look: { from: 1, at: START_MS } };
    expect(nextStep(state, input, START_MS)).toMatchObject({
      do: 'look',
      watch: [0],
      next: { from: 0, at: START_MS + 10 * MINUTE_MS },
    });
  });

  test('a batch without work sleeps until its time is over, and then ends', () => {
    const state = advanced(begunItems(withItems(1), [0], START_MS), connected([0]));
    const closesMs = Date.parse(state.closesAt);
    expect(nextStep(state, input, START_MS)).toMatchObject({ do: 'sleep', untilMs: closesMs });
    expect(nextStep(state, input, closesMs)).toEqual({ do: 'end' });
  });

  test('what is under way when its time is over comes to its outcome first', () => {
    const state = begunItems(withItems(1), [0], START_MS);
    expect(nextStep(state, input, Date.parse(state.closesAt))).toMatchObject({ do: 'advance', watch: [0] });
  });
});

describe('a batch that is cancelled', () => {
  const running = begunItems(withItems(100), numbers(0, 20), START_MS);

  test('what has not begun never begins, and what has goes on', () => {
    const state = cancelled(running);
    expect(countsOf(state)).toMatchObject({ cancelled: 80, connecting: 20, pending: 0 });
    expect(nextStep(state, input, START_MS)).toEqual({ do: 'advance', begin: [], watch: numbers(0, 20) });
    expect(statusOf(state, countsOf(state))).toBe('cancelling');
    const over = advanced(state, connected(numbers(0, 20)));
    expect(nextStep(over, input, START_MS)).toEqual({ do: 'end' });
  });

  test('an item that was about to begin and has no connection was not begun', () => {
    const state = advanced(cancelled(running), { settled: [], absent: [3, 4] });
    expect([outcomeAt(state, 3), outcomeAt(state, 4)]).toEqual(['cancelled', 'cancelled']);
    expect(Object.keys(state.begun)).not.toContain('3');
  });

  test('an item without a connection in a batch that goes on is begun again', () => {
    const state = advanced(running, { settled: [], absent: [3] });
    expect(outcomeAt(state, 3)).toBe('pending');
    expect(begins(nextStep(state, input, START_MS))).toEqual([3]);
  });
});

describe('the state of a batch', () => {
  test('the counts of all outcomes together are always the number of items', () => {
    let state = withItems(10);
    state = begunItems(state, numbers(0, 6), START_MS);
    state = advanced(state, {
      settled: [
        { index: 0, outcome: 'connected' },
        { index: 1, outcome: 'refused' },
        { index: 2, outcome: 'already_connected' },
        { index: 3, outcome: 'failed' },
      ],
      absent: [],
    });
    state = cancelled(state);
    const counts = countsOf(state);
    expect(counts).toEqual({
      pending: 0,
      connecting: 2,
      connected: 1,
      waiting: 0,
      refused: 1,
      already_connected: 1,
      failed: 1,
      cancelled: 4,
    });
  });

  test('the state of 5,000 items that is carried from run to run is below 20 KB', () => {
    const state = begunItems(withItems(5_000), numbers(0, 500), START_MS);
    expect(JSON.stringify(state).length).toBeLessThan(20_000);
  });

  test('a batch takes 5,000 items and not one more', () => {
    expect(fits(withItems(4_999), 1)).toBe(true);
    expect(fits(withItems(4_999), 2)).toBe(false);
  });
});
