import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BulkInput, SettledOutcome, SettledTarget } from '../../../contracts/bulk.ts';
import { cancelled, initialState, nextTargets, settled, viewOf, withoutTurn } from '../../../workflows/bulk/state.ts';

const AT = '2026-11-30T08:00:00.000Z';
const inputOf = (targets: number): BulkInput => ({
  v: 1,
  id: `blk_${'a'.repeat(26)}`,
  tenant: 'acme',
  deed: { action: 'pause' },
  reason: null,
  targets: Array.from({ length: targets }, (_none, n) => `con-${n}`),
  by: { kind: 'key', id: 'k1' },
});
const sum = (counts: object) => Object.values(counts).reduce((all: number, count: number) => all + count, 0);

test('each target has its turn once, in order, and counts always add up to the targets', () => {
  const outcomes = fc.constantFrom<SettledOutcome>('done', 'unanswered', 'refused', 'gone');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 230 }), fc.infiniteStream(outcomes), (targets, given) => {
      const input = inputOf(targets);
      let state = initialState(input, AT);
      const turns: string[] = [];
      for (let next = nextTargets(input, state); next.length > 0; next = nextTargets(input, state)) {
        turns.push(...next.map(({ connection }) => connection));
        const found = next.map(({ index }): SettledTarget => ({ index, outcome: given.next().value }));
        state = settled(state, found, AT);
        expect(sum(viewOf(input, state).counts)).toBe(targets);
      }
      expect(turns).toEqual(input.targets);
      expect(viewOf(input, state).status).toBe('finished');
    }),
  );
});

test('a step that answers only some of its targets leaves the others their turn', () => {
  const input = inputOf(10);
  const state = settled(initialState(input, AT), [{ index: 3, outcome: 'done' }], AT);
  expect(nextTargets(input, state).map(({ index }) => index)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
});

test('a cancelled job gives nobody a turn, and is cancelled once nothing is under way', () => {
  const input = inputOf(5);
  const state = cancelled(settled(initialState(input, AT), [{ index: 0, outcome: 'done' }], AT), AT);
  expect(nextTargets(input, state)).toEqual([]);
  expect(viewOf(input, state).status).toBe('cancelling');
  expect(viewOf(input, withoutTurn(state, AT))).toMatchObject({
    status: 'cancelled',
    counts: { done: 1, cancelled: 4, pending: 0 },
  });
});

test('a job that is cancelled after its last target has had its turn is finished', () => {
  const input = inputOf(1);
  const state = cancelled(settled(initialState(input, AT), [{ index: 0, outcome: 'done' }], AT), AT);
  expect(viewOf(input, withoutTurn(state, AT)).status).toBe('finished');
});

test('an outcome of a target that does not exist changes nothing', () => {
  const input = inputOf(2);
  const state = settled(initialState(input, AT), [{ index: 7, outcome: 'done' }], AT);
  expect(viewOf(input, state).counts).toMatchObject({ pending: 2, done: 0 });
});
