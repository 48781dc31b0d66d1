import { describe, expect, test } from 'vitest';
import { createTurns } from '../../../platform/turns.ts';

/** Time that passes only when the test says so, and every wait that was asked for. */
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
  test('callers that come at once go on one after the other', async () => {
    const { timers, waits } = stoppedTime();
    const nextTurn = createTurns(20, timers);
    await Promise.all([nextTurn(), nextTurn(), nextTurn()]);
    expect(waits).toEqual([20, 40]);
  });

  test('a caller that comes alone does not wait', async () => {
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
