import { describe, expect, test } from 'vitest';
import { nextPass, withPass, type DiscoveryPass } from '../../../stores/inventory/pass.ts';
import type { DiscoverySummary } from '../../../contracts/discovery.ts';
import { emptyTally } from '../../../contracts/discovery-tally.ts';

const HOUR_MS = 3_600_000;
const bornAt = Date.parse('2030-01-01T00:00:00.000Z');
const after = (milliseconds: number): string => new Date(bornAt + milliseconds).toISOString();
const summaryAt = (milliseconds: number): DiscoverySummary => ({
  ...emptyTally,
  trigger: 'scheduled',
  startedAt: after(milliseconds - 1_000),
  finishedAt: after(milliseconds),
});
const pass = (more: Partial<DiscoveryPass> = {}): DiscoveryPass => ({
  epoch: 1,
  trigger: 'scheduled',
  startedAt: after(0),
  finishedAt: after(1_000),
  summary: null,
  ...more,
});
const hourly = { epoch: 1, intervalSeconds: 3_600 };
const onDemand = { epoch: 1, intervalSeconds: null };
const waitOf = (known: DiscoveryPass, schedule: typeof hourly | typeof onDemand, id = 'con_a') =>
  (nextPass(known, id, schedule).at ?? NaN) - bornAt;

describe('the next pass', () => {
  test('the next pass begins an interval after the last, less up to a tenth that differs by connection and pass', () => {
    const waits = Array.from({ length: 200 }, (_, n) => waitOf(pass(), hourly, `con_${n}`));
    for (const wait of waits) {
      expect(wait).toBeGreaterThan(0.9 * HOUR_MS - 1);
      expect(wait).toBeLessThanOrEqual(HOUR_MS);
    }
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(0.08 * HOUR_MS);
    expect(waitOf(pass(), hourly)).toBe(waitOf(pass(), hourly));
    expect(waitOf(pass({ startedAt: after(1) }), hourly)).not.toBe(waitOf(pass(), hourly));
  });

  test('a pass that took long is followed by a pause of half the interval', () => {
    const wait = waitOf(pass({ finishedAt: after(2 * HOUR_MS) }), hourly);
    expect(wait).toBeGreaterThan(2.4 * HOUR_MS);
    expect(wait).toBeLessThanOrEqual(2.5 * HOUR_MS);
  });

  test('a pass that never recorded its end is repeated, also where passes run only on demand', () => {
    expect(waitOf(pass({ finishedAt: null }), hourly)).toBe(HOUR_MS);
    expect(waitOf(pass({ finishedAt: null }), { epoch: 1, intervalSeconds: 86_400 })).toBe(6 * HOUR_MS);
    expect(waitOf(pass({ finishedAt: null }), onDemand)).toBe(6 * HOUR_MS);
  });

  test('a pass is due at once where none is recorded or after a new sign-in, and otherwise never on demand', () => {
    expect(nextPass(undefined, 'con_a', onDemand)).toEqual({ at: 0, trigger: 'connected' });
    expect(nextPass(pass(), 'con_a', { ...onDemand, epoch: 2 })).toEqual({ at: 0, trigger: 'scheduled' });
    expect(nextPass(pass(), 'con_a', onDemand).at).toBeNull();
  });
});

describe('a view with what is recorded', () => {
  const discovery = { intervalSeconds: 3_600, nextAt: null, running: null, last: null };
  const view = { id: 'con_a', status: 'active' as const, warnings: [], discovery };

  test('the view shows a pass as running, but no longer when it must have been terminated', () => {
    const known = pass({ finishedAt: null, trigger: 'requested' });
    const running = { since: after(0), trigger: 'requested' };
    expect(withPass(view, known, bornAt).discovery).toMatchObject({ running, nextAt: null });
    expect(withPass(view, known, bornAt + 7 * HOUR_MS).discovery?.running).toBeNull();
  });

  test('the view shows when the next pass of a working connection is due, and the newer of two results', () => {
    const known = pass({ summary: summaryAt(1_000) });
    const next = new Date(nextPass(known, 'con_a', hourly).at ?? NaN).toISOString();
    expect(withPass(view, known, bornAt).discovery).toMatchObject({ nextAt: next, last: known.summary });
    expect(withPass({ ...view, status: 'paused' as const }, known, bornAt).discovery?.nextAt).toBeNull();
    const newer = summaryAt(5_000);
    const told = { ...view, discovery: { ...discovery, last: newer } };
    expect(withPass(told, known, bornAt).discovery?.last).toBe(newer);
  });

  test('the view warns of what the newest pass could not list, although the workflow was told of a better one', () => {
    const problem = { code: 'cloud_unavailable', message: 'It is down.', remedy: 'Wait.' };
    const blind = { ...summaryAt(5_000), lists: 2, failed: 2, problems: [problem] };
    const told = { ...view, discovery: { ...discovery, last: { ...summaryAt(1_000), lists: 2, complete: 2 } } };
    const warned = withPass(told, pass({ summary: blind }), bornAt);
    expect(warned.warnings).toMatchObject([{ code: 'inventory_unreadable' }]);
    const good = { ...summaryAt(9_000), lists: 2, complete: 2 };
    expect(withPass(warned, pass({ summary: good }), bornAt).warnings).toEqual([]);
  });

  test('the view is unchanged where no pass is recorded or nothing is discovered', () => {
    expect(withPass(view, undefined, bornAt)).toBe(view);
    const without = { ...view, discovery: null };
    expect(withPass(without, pass(), bornAt)).toBe(without);
  });
});
