import { describe, expect, test, vi } from 'vitest';
import { createStartIfDue, createStartDiscovery } from '../../../activities/discovery/start-discovery.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import type { DiscoveryPass } from '../../../stores/inventory/pass.ts';
import type { DiscoveryInput } from '../../../contracts/discovery.ts';
import { atAttempt, connection, createDiscoveryWorld } from './discovery-world.ts';

const plan = { epoch: 1, intervalSeconds: 3_600, concurrency: 4 };
const MINUTE_MS = 60_000;

async function createCase(last: Partial<DiscoveryPass> | null = null) {
  const world = await createDiscoveryWorld();
  const { clock, logger, inventory } = world;
  const at = new Date(clock.now()).toISOString();
  const over: DiscoveryPass = { epoch: 1, trigger: 'scheduled', startedAt: at, finishedAt: at, summary: null };
  if (last) await inventory.keepPass(connection.id, { ...over, ...last });
  const asked: DiscoveryInput[] = [];
  const state: { answer: 'started' | 'running' | Error } = { answer: 'started' };
  const starter = {
    async start(input: DiscoveryInput) {
      asked.push(input);
      if (state.answer instanceof Error) throw state.answer;
      return state.answer;
    },
  };
  const due = createStartIfDue({ inventory, starter, clock, logger });
  const start = createStartDiscovery({ inventory, starter });
  return { ...world, at, asked, state, due, start };
}
const inMs = (nextAt: string | null, now: number): number => Date.parse(nextAt ?? '') - now;

describe('a discovery that may be due', () => {
  test('a discovery is started where none is recorded, and the next is due an interval later, less up to a tenth', async () => {
    const { due, asked, at, clock } = await createCase();
    const wait = inMs((await due(connection, plan)).nextAt, clock.now());
    expect(asked).toEqual([{ connection, epoch: 1, trigger: 'connected', since: at, concurrency: 4 }]);
    expect(wait).toBeGreaterThanOrEqual(54 * MINUTE_MS);
    expect(wait).toBeLessThanOrEqual(60 * MINUTE_MS);
  });

  test('a discovery is started at its time, and not before', async () => {
    const { due, asked, pass, clock } = await createCase({});
    const { nextAt } = await due(connection, plan);
    expect(asked).toEqual([]);
    pass(inMs(nextAt, clock.now()));
    await due(connection, plan);
    expect(asked).toMatchObject([{ trigger: 'scheduled' }]);
  });

  test('a discovery that runs on demand only is never due by itself again', async () => {
    const { due, asked, pass } = await createCase({});
    pass(20 * 24 * 60 * MINUTE_MS);
    expect(await due(connection, { ...plan, intervalSeconds: null })).toEqual({ nextAt: null });
    expect(asked).toEqual([]);
  });

  test('a discovery is due at once after a new sign-in', async () => {
    const { due, asked } = await createCase({});
    await due(connection, { ...plan, epoch: 2 });
    expect(asked).toMatchObject([{ epoch: 2, trigger: 'scheduled' }]);
  });

  test('a discovery is retried later where another one still runs', async () => {
    const { due, state, clock } = await createCase();
    state.answer = 'running';
    const soon = { ...plan, intervalSeconds: 600 };
    expect(inMs((await due(connection, soon)).nextAt, clock.now())).toBe(10 * MINUTE_MS);
    const onDemand = { ...plan, intervalSeconds: null };
    expect(inMs((await due(connection, onDemand)).nextAt, clock.now())).toBe(60 * MINUTE_MS);
  });

  test('a discovery is retried within minutes, without an exception, while Temporal or the store is unavailable', async () => {
    const { due, state, clock, inventory, asked } = await createCase();
    const isSoon = async () => {
      const wait = inMs((await due(connection, plan)).nextAt, clock.now());
      expect(wait).toBeGreaterThanOrEqual(MINUTE_MS);
      expect(wait).toBeLessThanOrEqual(10 * MINUTE_MS);
    };
    state.answer = new Error('Temporal is away.');
    await isSoon();
    expect(asked).toHaveLength(1);
    vi.spyOn(inventory, 'pass').mockRejectedValueOnce(new EphemeralStoreUnavailable('Redis is away.'));
    await isSoon();
    expect(asked).toHaveLength(1);
  });
});

describe('a requested discovery', () => {
  test('a requested discovery joins one that is under way', async () => {
    const { start, state, at } = await createCase({ finishedAt: null });
    state.answer = 'running';
    const input = { connection, epoch: 1, trigger: 'requested', since: at, concurrency: 4 } as const;
    expect(await atAttempt(1, start, input)).toBe('running');
  });

  test('a requested discovery waits for one that has ended and is still closing, but not for ever', async () => {
    const { start, state, at } = await createCase({});
    state.answer = 'running';
    const input = { connection, epoch: 1, trigger: 'requested', since: at, concurrency: 4 } as const;
    await expect(atAttempt(1, start, input)).rejects.toMatchObject({ category: 'BENIGN', nextRetryDelay: 1_000 });
    expect(await atAttempt(3, start, input)).toBe('running');
    state.answer = 'started';
    expect(await atAttempt(2, start, input)).toBe('started');
  });
});
