import { describe, expect, it } from 'vitest';
import { chooseIds, turnOf, type Choice, type Listed } from '../../../../activities/reconcile/choose.ts';

const MINUTE_MS = 60_000;
const now = Date.parse('2030-01-01T00:00:00.000Z');
const first = 'abcdefghijklmnopqrstuvwxyz234567';
/** Ids as they are made: the first character is random. */
const ids = Array.from({ length: 320 }, (_, number) => `con_${first[number % 32]}${String(number).padStart(25, 'a')}`);
const nothing: Listed = {
  live: new Set(),
  revoking: new Set(),
  pending: new Set(),
  running: new Set(),
  endedFromOutside: new Set(),
};
const inTime: Choice = {
  turn: { beginnings: [], has: () => false },
  dueAtMs: async () => now + MINUTE_MS,
  statusOf: async () => 'active',
  unwell: new Set(),
  nowMs: now,
};
const chosen = async (listed: Partial<Listed>, choice: Partial<Choice> = {}) =>
  await chooseIds({ ...nothing, ...listed }, { ...inTime, ...choice });

describe('the turn of a reconciliation', () => {
  it('up to a thousand connections, every connection has its turn in each run', () => {
    const { beginnings, has } = turnOf(1_000, 1_000, now);
    expect(beginnings).toBeNull();
    expect(ids.every(has)).toBe(true);
  });

  it.each([1_001, 5_000, 10_000, 33_000, 1_000_000])(
    'of %i connections each has its turn exactly once in a round',
    (connections) => {
      const turns = Math.min(Math.ceil(connections / 1_000), 32);
      const parts = Array.from({ length: turns }, (_, turn) => turnOf(connections, 1_000, now + turn * 5 * MINUTE_MS));
      for (const id of ids) expect(parts.filter(({ has }) => has(id))).toHaveLength(1);
      for (const { beginnings } of parts) expect(beginnings?.length).toBeLessThanOrEqual(Math.ceil(32 / turns));
    },
  );

  it('the ids of a turn are those that begin as its list of beginnings says', () => {
    const { beginnings, has } = turnOf(10_000, 1_000, now);
    for (const id of ids) expect(has(id)).toBe(beginnings?.some((beginning) => id.startsWith(beginning)));
  });
});

describe('the connections that a reconciliation looks at', () => {
  it('a reconciliation looks at every listed connection, at all that ended from outside, and at all in trouble', async () => {
    const [runs = '', ended = '', unwell = ''] = ids;
    expect(
      await chosen({ running: new Set([runs]), endedFromOutside: new Set([ended]) }, { unwell: new Set([unwell]) }),
    ).toEqual(new Set([runs, ended, unwell]));
  });

  it('a reconciliation looks at what is stored and is not listed as running, where it is its turn', async () => {
    const [live = '', revoking = '', pending = '', other = ''] = ids;
    const turn = { beginnings: ['con_'], has: (id: string) => id !== other };
    const stored = { live: new Set([live]), revoking: new Set([revoking, other]), pending: new Set([pending, other]) };
    expect(await chosen(stored, { turn })).toEqual(new Set([live, revoking, pending]));
  });

  it.each([
    ['is looked at where its renewal is overdue', now - 3 * MINUTE_MS, true],
    ['is looked at where its renewal time is not known', null, true],
    ['is not looked at where its renewal is in time', now - MINUTE_MS, false],
  ])('out of its turn a stored connection %s (due at %s)', async (_what, due, isChosen) => {
    expect((await chosen({ live: new Set(ids) }, { dueAtMs: async () => due })).size).toBe(isChosen ? ids.length : 0);
  });

  it.each(['awaiting_customer', 'paused', 'action_required', 'stopped'])(
    'a connection that is %s is not looked at out of its turn, because it cannot be late',
    async (status) => {
      const resting = { dueAtMs: async () => null, statusOf: async () => status };
      expect((await chosen({ live: new Set(ids) }, resting)).size).toBe(0);
    },
  );

  it('a connection whose status is not known is looked at where its renewal is overdue', async () => {
    const unknown = { dueAtMs: async () => null, statusOf: async () => null };
    expect(await chosen({ live: new Set(ids) }, unknown)).toEqual(new Set(ids));
  });
});
