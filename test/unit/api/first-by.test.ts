import { describe, expect, it } from 'vitest';
import { firstBy } from '../../../api/temporal/first-by.ts';
import { iso } from '../../../contracts/time.ts';
import { createVisibility } from './visibility.ts';

const NAME = 'MooringStatusSince';
const range = /^query AND MooringStatusSince BETWEEN '(\S+)' AND '(\S+)'$/;

/** Visibility that answers rows in the order in which they are given. */
function visibilityOf(times: readonly number[]) {
  const { client, asked } = createVisibility((query) => {
    const [, from = '', until = ''] = range.exec(query) ?? expect.fail(query);
    return times
      .map((ms, index) => ({
        ms,
        id: `con_${index}`,
        attributes: { [NAME]: { type: 'Datetime' as const, value: iso(ms) } },
      }))
      .filter(({ ms }) => ms >= Date.parse(from) && ms <= Date.parse(until));
  });
  const ids = async (most: number, fromMs = 0, untilMs = Date.parse('2027-01-01')) => {
    const { total, items } = await firstBy(client, 'query', NAME, { fromMs, untilMs, most });
    return { total, ids: items.map(({ execution }) => execution?.workflowId) };
  };
  return { ids, asked };
}

const now = Date.parse('2026-11-30T12:00:00.000Z');

describe('the first rows by a time', () => {
  it('few rows are read at once and sorted, whatever order visibility has', async () => {
    const { ids, asked } = visibilityOf([now - 1_000, now - 3_000, now - 2_000]);
    expect(await ids(2)).toEqual({ total: 3, ids: ['con_1', 'con_2'] });
    expect(asked.counts).toBe(1);
  });

  it('of 10,000 rows the oldest 50 are found without reading more than a thousand', async () => {
    const shuffled = Array.from({ length: 10_000 }, (_none, index) => now - ((index * 7_919) % 10_000) * 60_000);
    const { ids, asked } = visibilityOf(shuffled);
    const oldest = shuffled
      .map((ms, index) => ({ ms, index }))
      .toSorted((one, other) => one.ms - other.ms)
      .slice(0, 50);
    expect(await ids(50)).toEqual({ total: 10_000, ids: oldest.map(({ index }) => `con_${index}`) });
    expect(asked.counts).toBeLessThanOrEqual(45);
    expect(asked.rows).toBeLessThanOrEqual(1_000);
  });

  it('rows that all changed in one millisecond do not hide the older ones', async () => {
    const times = [...Array.from({ length: 5_000 }, () => now), now - 5_000, now - 9_000];
    const { ids, asked } = visibilityOf(times);
    const found = await ids(50);
    expect(found.total).toBe(5_002);
    expect(found.ids.slice(0, 2)).toEqual(['con_5001', 'con_5000']);
    expect(found.ids).toHaveLength(50);
    expect(asked.counts).toBeLessThanOrEqual(45);
  });

  it('rows outside of the time are neither counted nor found', async () => {
    const { ids } = visibilityOf([now - 10_000, now, now + 10_000]);
    expect(await ids(50, now - 1, now + 1)).toEqual({ total: 1, ids: ['con_1'] });
  });
});
