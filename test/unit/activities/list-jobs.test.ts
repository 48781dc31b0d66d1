import { describe, expect, test, vi } from 'vitest';

import { createJobQueue, createListJobs, type ListJob } from '../../../activities/discovery/list-jobs.ts';
import type { ResourceLister } from '../../../providers/listing/lister.ts';
import { createListingWorld, listed } from './listing-world.ts';

const job = (list: string, place: string | null, rank: number): ListJob => ({ list, place, kinds: [list], rank });
const names = (jobs: readonly (ListJob | undefined)[]) => jobs.map((each) => each && `${each.list} ${each.place}`);
const lister = (projectKind: string | null) =>
  ({
    manifest: { projectKind, sources: {}, kinds: [] },
    lists: [
      { id: 'slow', scope: 'project', kinds: ['a', 'b'] },
      { id: 'quick', scope: 'project', kinds: ['c'] },
      { id: 'own', scope: 'account', kinds: ['d'] },
    ],
  }) as unknown as ResourceLister;

describe('the lists of a connection', () => {
  test('a place has the lists of its scope, without kinds that can never be listed', () => {
    const { inPlace, ofProjects } = createListJobs(lister('project'), new Set(['b', 'c']));
    expect(inPlace('p1')).toEqual([{ list: 'slow', place: 'p1', kinds: ['a'], rank: 0 }]);
    expect(inPlace(null)).toEqual([{ list: 'own', place: null, kinds: ['d'], rank: 2 }]);
    expect(ofProjects).toMatchObject({ list: null, kinds: ['project'] });
  });

  test('projects are not listed where the cloud has none, or where they can never be listed', () => {
    expect(createListJobs(lister(null), new Set()).ofProjects).toBeUndefined();
    expect(createListJobs(lister('project'), new Set(['project'])).ofProjects).toBeUndefined();
  });
});

describe('the order of lists', () => {
  test('the lists that take longest begin first, whatever their project', () => {
    const queue = createJobQueue();
    queue.add([job('slow', 'p1', 0), job('quick', 'p1', 1), job('slow', 'p2', 0), job('quick', 'p2', 1)]);
    const order = names([queue.take(), queue.take(), queue.take(), queue.take(), queue.take()]);
    expect(order).toEqual(['slow p1', 'slow p2', 'quick p1', 'quick p2', undefined]);
  });

  test('no more projects than allowed have lists under way, and the next begins when one has ended them all', () => {
    const queue = createJobQueue(1);
    queue.add([job('slow', 'p1', 0), job('quick', 'p1', 1), job('slow', 'p2', 0), job('own', null, 2)]);
    const [first, second, third] = [queue.take(), queue.take(), queue.take()];
    expect(names([first, second, third, queue.take()])).toEqual(['slow p1', 'quick p1', 'own null', undefined]);
    queue.ended(first!);
    queue.ended(third!);
    expect(queue.take()).toBeUndefined();
    queue.ended(second!);
    expect(names([queue.take()])).toEqual(['slow p2']);
  });

  test('a project whose last lists are left out makes room for the next one', () => {
    const queue = createJobQueue(1);
    const [begun, other] = [job('slow', 'p1', 0), job('quick', 'p1', 1)];
    queue.add([begun, other, job('slow', 'p2', 0)]);
    expect(names([queue.take()])).toEqual(['slow p1']);
    queue.remove([begun, other]);
    expect(queue.take()).toBeUndefined();
    queue.ended(begun);
    expect(names([queue.take(), queue.take()])).toEqual(['slow p2', undefined]);
  });
});

describe('the slots of a connection', () => {
  const lists = ['instance', 'volume'].map((id) => ({ id, scope: 'project' as const, kinds: [id] }));

  /** The most lists, and the most projects, that were under way at once; all wait until there are so many lists. */
  const most = async (expected: number, options: { readonly concurrency: number; readonly placesAtOnce?: number }) => {
    const world = await createListingWorld(lists);
    world.cloud.placesAtOnce = options.placesAtOnce;
    const running: (string | null)[] = [];
    const seen = { lists: 0, places: 0 };
    world.cloud.answer = async (kind, place) => {
      running.push(place);
      seen.lists = Math.max(seen.lists, running.length);
      seen.places = Math.max(seen.places, new Set(running).size);
      await vi.waitUntil(() => seen.lists >= expected);
      // Another that must not begin would have begun by now.
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      running.splice(running.indexOf(place), 1);
      return listed(kind, [], place);
    };
    const outcome = await world.runToEnd({ concurrency: options.concurrency, places: ['p1', 'p2', 'p3'] });
    expect(outcome).toMatchObject({ tally: { lists: 6, complete: 6 } });
    return seen;
  };

  test('every slot is used, however many projects there are, and never more than there are', async () => {
    expect((await most(5, { concurrency: 5 })).lists).toBe(5);
    expect((await most(6, { concurrency: 28 })).lists).toBe(6);
  });

  test('a cloud that bounds the projects at once has no more of them under way', async () => {
    expect(await most(4, { concurrency: 28, placesAtOnce: 2 })).toEqual({ lists: 4, places: 2 });
  });
});
