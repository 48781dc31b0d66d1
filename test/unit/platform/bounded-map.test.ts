import { expect, test } from 'vitest';
import { createBoundedMap } from '../../../platform/bounded-map.ts';

test('a bounded map drops the entry that was set first when a new one does not fit', () => {
  const map = createBoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.get('a');
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([undefined, 2, 3, 2]);
});

test('an entry of a bounded map that is set again is the newest, and drops no other', () => {
  const map = createBoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  expect([map.get('a'), map.get('b')]).toEqual([3, 2]);
  map.set('c', 4);
  expect([map.has('a'), map.has('b')]).toEqual([true, false]);
});
