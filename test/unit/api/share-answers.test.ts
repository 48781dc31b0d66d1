import { describe, expect, it } from 'vitest';
import { shareAnswers } from '../../../api/temporal/share-answers.ts';
import { createManualClock } from '../../contract/manual-clock.ts';

const sharing = (most = 10) => {
  const clock = createManualClock();
  const asked: string[] = [];
  const shared = shareAnswers<string>(clock, { keptMs: () => 1_000, most });
  const ask = (key: string, answer: () => Promise<string> = async () => `${key}${asked.length}`) =>
    shared(key, async () => {
      asked.push(key);
      return await answer();
    });
  return { clock, asked, ask };
};

describe('a shared answer', () => {
  it('concurrent callers with the same question share one request, whose answer is cached until it expires', async () => {
    const { ask, asked, clock } = sharing();
    expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual(['a1', 'a1', 'b2']);
    expect(await ask('a')).toBe('a1');
    clock.advance(1);
    expect(await ask('a')).toBe('a3');
    expect(asked).toEqual(['a', 'b', 'a']);
  });

  it('a cached answer does not live longer because the clock was set back', async () => {
    const { ask, clock } = sharing();
    await ask('a');
    clock.advance(-3_600);
    expect(await ask('a')).toBe('a2');
  });

  it('a failure is not cached: the next caller sends a new request', async () => {
    const { ask, asked } = sharing();
    const failing = () => Promise.reject(new Error('away'));
    await expect(Promise.all([ask('a', failing), ask('a')])).rejects.toThrow('away');
    expect(await ask('a')).toBe('a2');
    expect(asked).toHaveLength(2);
  });

  it('the oldest cached answer is dropped where a new one exceeds the size of the cache', async () => {
    const { ask, asked } = sharing(2);
    for (const key of ['a', 'b', 'c', 'c', 'b', 'a']) await ask(key);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });
});
