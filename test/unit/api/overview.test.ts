import { describe, expect, it } from 'vitest';
import type { Lookup } from '../../../api/temporal/lookup.ts';
import { createOverview } from '../../../api/temporal/overview.ts';
import { systemClock } from '../../../platform/clock.ts';
import { createVisibility } from './visibility.ts';

interface Row {
  readonly id: string;
  readonly reason?: string;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Ids that are spread over all beginnings, as random ones are. */
const rowsOf = (many: number, reasonOf: (index: number) => string | undefined = () => undefined): Row[] =>
  Array.from({ length: many }, (_none, index) => {
    const reason = reasonOf(index);
    const letters = [index, Math.floor(index / 32)].map((place) => ALPHABET.charAt(place % 32));
    return { id: `con_${letters.join('')}${index}`, ...(reason !== undefined && { reason }) };
  });

/** Visibility with these rows, all of which live. It understands as much of a query as is asked here. */
function overviewOf(rows: readonly Row[]) {
  const found = (query: string): readonly Row[] => {
    if (query.includes("'Terminated'")) return [];
    const beginnings = [...query.matchAll(/STARTS_WITH '(\w+)'/g)].map(([, beginning = '']) => beginning);
    const [, code] = /MooringReason='(\w+)'/.exec(query) ?? [];
    return rows.filter(
      ({ id, reason }) =>
        (beginnings.length === 0 || beginnings.some((beginning) => id.startsWith(beginning))) &&
        (code === undefined || reason === code) &&
        (!query.includes('MooringReason IS NOT NULL') || reason !== undefined),
    );
  };
  const { client, asked } = createVisibility((query) =>
    found(query).map(({ id, reason }) => ({
      id,
      attributes: reason === undefined ? {} : { MooringReason: { type: 'Keyword', value: reason } },
    })),
  );
  return { overview: createOverview({ client, lookup: {} as Lookup, clock: systemClock }), asked };
}

describe('the connections that are measured', () => {
  it('up to a thousand connections are measured, all of them', async () => {
    const { overview } = overviewOf(rowsOf(1_000));
    const { total, items } = await overview.handingOut('acme', 1_000, 7);
    expect([total, new Set(items).size]).toEqual([1_000, 1_000]);
  });

  it.each([10_000, 100_000])(
    'of %i connections at most a thousand are measured, and others in the next turn',
    async (many) => {
      const { overview, asked } = overviewOf(rowsOf(many));
      const first = await overview.handingOut('acme', 1_000, 30_000_000);
      const next = await overview.handingOut('acme', 1_000, 30_000_001);
      for (const { total, items } of [first, next]) {
        expect(total).toBe(many);
        expect(items.length).toBeLessThanOrEqual(1_000);
        expect(items.length).toBeGreaterThan(900);
      }
      expect(next.items.filter((id) => first.items.includes(id))).toEqual([]);
      expect(asked.rows).toBeLessThanOrEqual(2_000);
    },
  );
});

describe('the problems of connections', () => {
  it('few problems are counted from their rows', async () => {
    const { overview } = overviewOf(rowsOf(500, (index) => (index % 5 === 0 ? 'invalid_grant' : undefined)));
    expect(await overview.counts('acme', [])).toMatchObject({ byReason: { invalid_grant: 100 }, otherReasons: 0 });
  });

  it('the problems of 10,000 connections are counted exactly, and those with a rare code together', async () => {
    // The rare codes come after all rows that are read.
    const codes = (index: number): string => (index < 9_990 ? `code_${index % 3}` : `rare_${index}`);
    const { overview, asked } = overviewOf(rowsOf(10_000, codes));
    expect(await overview.counts('acme', ['ovh'])).toMatchObject({
      byReason: { code_0: 3_330, code_1: 3_330, code_2: 3_330 },
      otherReasons: 10,
    });
    expect(asked.rows).toBeLessThanOrEqual(1_000);
    expect(asked.counts).toBeLessThanOrEqual(40);
  });
});
