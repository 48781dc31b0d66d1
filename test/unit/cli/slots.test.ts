import { describe, expect, test } from 'vitest';
import { createSlots } from '../../../platform/slots.ts';

const never = new AbortController().signal;

/** A piece of work that runs until `end` or `fail` is called. */
function work(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const run = async (): Promise<string> => {
    log.push(name);
    return await promise;
  };
  return { run, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

describe('slots', () => {
  test('work starts in the order of arrival, and no more at once than the limit', async () => {
    const [log, slots] = [[] as string[], createSlots(2)];
    const works = ['a', 'b', 'c', 'd'].map((name) => work(log, name));
    const done = works.map(({ run }) => slots.use(never, run));
    await Promise.resolve();
    expect(log).toEqual(['a', 'b']);
    works[1]?.end();
    await done[1];
    works[0]?.end();
    await done[0];
    for (const { end } of works) end();
    expect(await Promise.all(done)).toEqual(['a', 'b', 'c', 'd']);
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  test('work that fails releases its slot', async () => {
    const slots = createSlots(1);
    await expect(slots.use(never, async () => await Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await slots.use(never, async () => await Promise.resolve('next'))).toBe('next');
  });

  test('work that is aborted while it waits leaves the queue without having run', async () => {
    const [log, slots, controller] = [[] as string[], createSlots(1), new AbortController()];
    const first = work(log, 'first');
    const holding = slots.use(never, first.run);
    const waiting = slots.use(controller.signal, work(log, 'aborted').run);
    const behind = slots.use(never, async () => await Promise.resolve('behind'));
    controller.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    first.end();
    expect(await Promise.all([holding, behind])).toEqual(['first', 'behind']);
    expect(log).toEqual(['first']);
  });
});
