import { describe, expect, it } from 'vitest';
import { createRecent } from '../../../platform/recent.ts';
import { createManualClock } from '../../contract/manual-clock.ts';

function createWorld() {
  const clock = createManualClock();
  const asked: string[] = [];
  const gates: (() => void)[] = [];
  let fails = false;
  const recent = createRecent({
    freshMs: 1_000,
    clock,
    async load(key: string) {
      asked.push(key);
      const answer = `${key}${asked.length}`;
      if (fails) throw new Error('no answer');
      await new Promise<void>((resolve) => gates.push(resolve));
      return answer;
    },
  });
  return {
    clock,
    asked,
    recent,
    answer: () => gates.splice(0).forEach((gate) => gate()),
    fail: () => {
      fails = true;
    },
  };
}

describe('a cached answer', () => {
  it('a cached answer does not live longer because the clock was set back', async () => {
    const { recent, clock, answer } = createWorld();
    const first = recent.get('a');
    answer();
    expect(await first).toBe('a1');
    clock.advance(-3_600);
    const second = recent.get('a');
    answer();
    expect(await second).toBe('a2');
  });

  it('a cached answer is returned until it is one second old', async () => {
    const { recent, clock, answer, asked } = createWorld();
    const first = recent.get('a');
    answer();
    expect(await first).toBe('a1');
    clock.advance(0.999);
    expect(await recent.get('a')).toBe('a1');
    clock.advance(0.001);
    const second = recent.get('a');
    answer();
    expect(await second).toBe('a2');
    expect(asked).toEqual(['a', 'a']);
  });

  it('an answer is loaded once for all callers that wait for it, however long it takes', async () => {
    const { recent, clock, answer, asked } = createWorld();
    const first = recent.get('a');
    clock.advance(60);
    const second = recent.get('a');
    answer();
    expect(await Promise.all([first, second])).toEqual(['a1', 'a1']);
    expect(asked).toEqual(['a']);
  });

  it('an older answer that arrives later does not replace what this process wrote', async () => {
    const { recent, answer } = createWorld();
    const first = recent.get('a');
    recent.set('a', 'written');
    answer();
    await first;
    expect(await recent.get('a')).toBe('written');
  });

  it('a failure is cached too, so that not every caller asks a service that is down', async () => {
    const { recent, clock, asked, fail } = createWorld();
    fail();
    await expect(recent.get('a')).rejects.toThrow('no answer');
    await expect(recent.get('a')).rejects.toThrow('no answer');
    expect(asked).toHaveLength(1);
    clock.advance(1);
    await expect(recent.get('a')).rejects.toThrow('no answer');
    expect(asked).toHaveLength(2);
  });

  it('a cached answer is dropped on request, and when a thousand newer ones are stored', () => {
    const { recent, asked } = createWorld();
    void recent.get('a');
    recent.forget('a');
    void recent.get('a');
    expect(asked).toHaveLength(2);
    for (let n = 0; n < 1_000; n++) recent.set(`other-${n}`, 'x');
    void recent.get('a');
    expect(asked).toHaveLength(3);
  });
});
