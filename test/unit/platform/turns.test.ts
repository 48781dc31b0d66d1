import { describe, expect, test } from 'vitest';
import { createTurns } from '../../../platform/turns.ts';

/** A clock that moves only by `pass`, and a record of every requested wait. */
function stoppedTime() {
  let nowMs = 1_000;
  const waits: number[] = [];
  const timers = {
    now: () => nowMs,
    wait: async (milliseconds: number) => void waits.push(milliseconds),
  };
  return { timers, waits, pass: (milliseconds: number) => void (nowMs += milliseconds) };
}

describe('turns', () => {
  test('callers that ask for a turn at the same time get their turns one interval apart', async () => {
    const { timers, waits } = stoppedTime();
    const nextTurn = createTurns(20, timers);
    await Promise.all([nextTurn(), nextTurn(), nextTurn()]);
    expect(waits).toEqual([20, 40]);
  });

  test('a caller does not wait where the last turn was at least one interval ago', async () => {
    const { timers, waits, pass } = stoppedTime();
    const nextTurn = createTurns(20, timers);
    await nextTurn();
    pass(20);
    await nextTurn();
    pass(500);
    await nextTurn();
    expect(waits).toEqual([]);
  });
});
