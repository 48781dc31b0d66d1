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
/** Running connections, all with the same status. */
const outOfTurn = (ids: readonly string[], status: string | null = 'active') =>
  new Map(ids.map((id) => [id, status] as const));
const choice: Choice = {
  inTurn: 1,
  dueAtMs: async () => now + MINUTE_MS,
  unwell: new Set(),
  nowMs: now,
};
/** With 50 turns, only about one id in 50 is in turn: any other is chosen for a reason. */
async function chosenBeside(running: Map<string, string | null>, more: Partial<Choice> & Partial<Listed> = {}) {
  const { live, revoking, pending, endedFromOutside, ...rest } = { ...nothing, ...more };
  const listed = { live, revoking, pending, endedFromOutside, running };
  return await chooseIds(listed, { ...choice, ...rest, inTurn: running.size / 50 });
}
const ids = Array.from({ length: 200 }, (_, number) => `con_${number}`);

describe('the connections that a reconciliation looks at', () => {
  it('a reconciliation looks at all connections where there are few', async () => {
    expect(await chooseIds({ ...nothing, running: outOfTurn(ids) }, { ...choice, inTurn: 200 })).toEqual(new Set(ids));
  });

  it('a reconciliation looks at another part of the healthy connections each time, and at all after a round', async () => {
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
    ['is looked at where its renewal is overdue', now - 3 * MINUTE_MS, true],
    ['is looked at where its renewal time is not known', null, true],
    ['is not looked at out of turn where its renewal is in time', now - MINUTE_MS, false],
  ])('a running connection %s (due at %s)', async (_what, due, isChosen) => {
    const chosen = await chosenBeside(outOfTurn(ids), { dueAtMs: async () => due });
    expect(chosen.size === ids.length).toBe(isChosen);
  });

  it.each(['awaiting_customer', 'paused', 'action_required', 'stopped'])(
    'a connection that is %s is not looked at out of turn, because nothing of it can be late',
    async (status) => {
      const chosen = await chosenBeside(outOfTurn(ids, status), { dueAtMs: async () => null });
      expect(chosen.size).toBeLessThan(ids.length / 4);
    },
  );

  it('a reconciliation looks at every connection that was in trouble the last time', async () => {
    expect(await chosenBeside(outOfTurn(ids), { unwell: new Set(ids) })).toEqual(new Set(ids));
  });

  it('a reconciliation looks at every stored id that is not seen running, and at all that ended from outside', async () => {
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
