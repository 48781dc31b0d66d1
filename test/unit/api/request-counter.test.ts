import { describe, expect, test } from 'vitest';
import { createRequestCounter } from '../../../api/http/plugins/request-counter.ts';
import { createManualClock } from '../../contract/manual-clock.ts';

/** A counter on a store that answers only when the test calls `answer`; `asked` records its increments. */
function createWorld() {
  const asked: number[] = [];
  const answers: PromiseWithResolvers<void>[] = [];
  let total = 0;
  const ephemeral = {
    async increment(_key: string, windowSeconds: number, by = 1) {
      asked.push(by);
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      await answer.promise;
      total += by;
      return { count: total, resetSeconds: windowSeconds };
    },
  };
  const clock = createManualClock();
  const settled = async () => await new Promise(setImmediate);
  return {
    clock,
    asked,
    counter: createRequestCounter({ ephemeral, clock }),
    settled,
    answer: async (error?: Error) => {
      await settled();
      const answer = answers.shift();
      if (error) answer?.reject(error);
      else answer?.resolve();
      await settled();
    },
  };
}

describe('the counter of requests', () => {
  test('requests that arrive during a call to the store are counted together by the next one, each with its own number', async () => {
    const { counter, asked, answer } = createWorld();
    const first = counter.count('key');
    await answer();
    const second = counter.count('key');
    // The second call has been sent by now: the next two requests wait for its answer.
    await Promise.resolve();
    await Promise.resolve();
    const others = [counter.count('key'), counter.count('key')];
    await answer();
    await answer();
    expect(asked).toEqual([1, 1, 2]);
    expect((await Promise.all([first, second, ...others])).map(({ count }) => count)).toEqual([1, 2, 3, 4]);
  });

  test('the request counter counts each key separately', async () => {
    const { counter, asked, answer } = createWorld();
    const both = [counter.count('one'), counter.count('other')];
    await answer();
    await answer();
    await Promise.all(both);
    expect(asked).toEqual([1, 1]);
  });

  test('the known count of a key includes waiting requests and the current one, until its minute is over', async () => {
    const { counter, clock, answer } = createWorld();
    expect(counter.known('key')).toBeUndefined();
    const counting = counter.count('key');
    await answer();
    await counting;
    expect(counter.known('key')?.count).toBe(2);
    void counter.count('key');
    expect(counter.known('key')?.count).toBe(3);
    clock.advance(60);
    expect(counter.known('key')).toBeUndefined();
  });

  test('the request counter goes on after a failed call to the store', async () => {
    const { counter, answer } = createWorld();
    const lost = counter.count('key').catch((error: unknown) => error);
    await answer(new Error('away'));
    expect(await lost).toMatchObject({ message: 'away' });
    const next = counter.count('key');
    await answer();
    expect((await next).count).toBe(1);
  });
});
