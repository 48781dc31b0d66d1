import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { batchTag } from '../../stores/batches/item-id.ts';
import type { Connection } from '../../api/connections/schema.ts';
import { eventually } from '../support/eventually.ts';
import { startBatch, untilBatch } from '../support/batch-roles.ts';
import { startDiscoveryStack, type DiscoveryStack } from './support/discovery-stack.ts';

/** The benchmark `batch` takes 1,000. */
const ROLES = 300;
const UPKEEP = 5;
/** Renewed a quarter of it before its end: longer than another worker takes to go on with a killed one's work. */
const TOKEN_SECONDS = 80;

describe.skipIf(inject('components').temporal === null)('a batch of a whole stack', { timeout: 300_000 }, () => {
  let world: DiscoveryStack;
  beforeAll(async () => {
    world = await startDiscoveryStack();
  }, 120_000);
  afterAll(async () => await world.close(), 60_000);

  const connectionsOf = async (id: string): Promise<Connection[]> => {
    const all: Connection[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/v1/connections?tag=${batchTag(id)}&limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page = await world.platform.call<{ items: Connection[]; nextCursor: string | null }>('GET', path);
      all.push(...page.items);
      cursor = page.nextCursor;
    }
    return all;
  };

  test(`${ROLES} roles are connected with exact counts although the worker is killed, and upkeep of others is not late`, async () => {
    await world.cloud.change({ ovh: { accessTokenLifetimeSeconds: TOKEN_SECONDS } });
    for (let n = 0; n < UPKEEP; n++) await world.connect();
    const before = await world.cloud.counters('ovh');
    const names = Array.from({ length: ROLES }, (_none, n) => `org-${n}`);
    const { id, arns } = await startBatch(world, names);
    await untilBatch(world, id, ({ counts }) => counts.connected >= ROLES / 3, 120_000);
    world.stack.kill('worker');
    const { counts, status } = await untilBatch(world, id, (batch) => batch.status === 'finished', 200_000);
    expect({ status, connected: counts.connected }).toEqual({ status: 'finished', connected: ROLES });
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(ROLES);

    const connections = await connectionsOf(id);
    expect(connections.map(({ name }) => name ?? '').toSorted()).toEqual([...arns].toSorted());
    expect(new Set(connections.map(({ status: each }) => each))).toEqual(new Set(['active']));
    const after = await eventually(
      'each of the others to be renewed',
      async () => {
        const now = await world.cloud.counters('ovh');
        return now.refreshTokensSpent - before.refreshTokensSpent >= UPKEEP && now;
      },
      TOKEN_SECONDS * 1000,
    );
    expect(after.refreshedAfterExpiry - before.refreshedAfterExpiry).toBe(0);
  });

  test('every history of the batch and its connections replays, so that any worker can take them over', async () => {
    const { replayed, failures } = await world.replay();
    expect(failures).toEqual([]);
    expect(replayed).toBeGreaterThan(ROLES);
  });
});
