import { describe, expect, it } from 'vitest';
import { chooseIds, type Choice, type Listed } from '../../../../activities/reconcile/choose.ts';

const MINUTE_MS = 60_000;
const now = Date.parse('2030-01-01T00:00:00.000Z');
const nothing: Listed = {
  live: new Set(),
  revoking: new Set(),
  pending: new Set(),
  running: new Map(),
  endedFromOutside: new Set(),
};
/** Nothing comes in its turn: what is chosen is chosen for a reason. */
const outOfTurn = (ids: readonly string[], status: string | null = 'active') =>
  new Map(ids.map((id) => [id, status] as const));
const choice: Choice = {
  inTurn: 1,
  dueAtMs: async () => now + MINUTE_MS,
  unwell: new Set(),
  nowMs: now,
};
/** Enough others that the ids of a test are not in their turn at that moment. */
async function chosenBeside(running: Map<string, string | null>, more: Partial<Choice> & Partial<Listed> = {}) {
  const { live, revoking, pending, endedFromOutside, ...rest } = { ...nothing, ...more };
  const listed = { live, revoking, pending, endedFromOutside, running };
  return await chooseIds(listed, { ...choice, ...rest, inTurn: running.size / 50 });
}
const ids = Array.from({ length: 200 }, (_, number) => `con_${number}`);

describe('the connections that a reconciliation looks at', () => {
  it('are all of them where there are few', async () => {
    expect(await chooseIds({ ...nothing, running: outOfTurn(ids) }, { ...choice, inTurn: 200 })).toEqual(new Set(ids));
  });

  it('are a part of those that run well, another one each time, and all of them after a round', async () => {
    const running = outOfTurn(ids);
    const seen = new Set<string>();
    for (let turn = 0; turn < 4; turn++) {
      const chosen = await chooseIds(
        { ...nothing, running },
        { ...choice, inTurn: 50, nowMs: now + turn * 5 * MINUTE_MS, dueAtMs: async () => Infinity },
      );
      expect(chosen.size).toBeLessThan(100);
      for (const id of chosen) seen.add(id);
    }
    expect(seen).toEqual(new Set(ids));
  });

  it.each([
    ['is overdue', now - 3 * MINUTE_MS, true],
    ['has said nothing', null, true],
    ['is in time', now - MINUTE_MS, false],
  ])('are those whose renewal %s, if they have one (%s)', async (_what, due, isChosen) => {
    const chosen = await chosenBeside(outOfTurn(ids), { dueAtMs: async () => due });
    expect(chosen.size === ids.length).toBe(isChosen);
  });

  it.each(['awaiting_customer', 'paused', 'action_required', 'stopped'])(
    'are not those that are %s out of their turn: nothing of them can be late',
    async (status) => {
      const chosen = await chosenBeside(outOfTurn(ids, status), { dueAtMs: async () => null });
      expect(chosen.size).toBeLessThan(ids.length / 4);
    },
  );

  it('are those that were in trouble the last time', async () => {
    expect(await chosenBeside(outOfTurn(ids), { unwell: new Set(ids) })).toEqual(new Set(ids));
  });

  it('are all that are stored and not seen to run, and all that ended from outside', async () => {
    const chosen = await chooseIds(
      {
        live: new Set(['a', 'runs']),
        revoking: new Set(['b']),
        pending: new Set(['c']),
        running: outOfTurn([...ids, 'runs', 'ended']),
        endedFromOutside: new Set(['ended']),
      },
      { ...choice, inTurn: 4 },
    );
    for (const id of ['a', 'b', 'c', 'ended']) expect(chosen).toContain(id);
    expect(chosen.size).toBeLessThan(50);
  });
});
