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
  it('is asked for once by all who ask the same at once, and for as long as it is kept', async () => {
    const { ask, asked, clock } = sharing();
    expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual(['a1', 'a1', 'b2']);
    expect(await ask('a')).toBe('a1');
    clock.advance(1);
    expect(await ask('a')).toBe('a3');
    expect(asked).toEqual(['a', 'b', 'a']);
  });

  it('is no failure: whoever asks after one asks anew', async () => {
    const { ask, asked } = sharing();
    const failing = () => Promise.reject(new Error('away'));
    await expect(Promise.all([ask('a', failing), ask('a')])).rejects.toThrow('away');
    expect(await ask('a')).toBe('a2');
    expect(asked).toHaveLength(2);
  });

  it('is dropped for a newer one where many others are kept', async () => {
    const { ask, asked } = sharing(2);
    for (const key of ['a', 'b', 'c', 'c', 'b', 'a']) await ask(key);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });
});
