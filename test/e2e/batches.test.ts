import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { batchTag } from '../../stores/batches/item-id.ts';
import type { BulkView as Bulk } from '../../contracts/bulk.ts';
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

  const taggedWith = async (tag: string): Promise<Connection[]> => {
    const all: Connection[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/v1/connections?tag=${tag}&limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`;
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
    const { id, arns } = await startBatch(world, names, { tags: ['of-the-batch'] });
    await untilBatch(world, id, ({ counts }) => counts.connected >= ROLES / 3, 120_000);
    world.stack.kill('worker');
    const { counts, status } = await untilBatch(world, id, (batch) => batch.status === 'finished', 200_000);
    expect({ status, connected: counts.connected }).toEqual({ status: 'finished', connected: ROLES });
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(ROLES);

    const connections = await taggedWith(batchTag(id));
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

  const bulk = async (body: object): Promise<Bulk> => {
    const { id } = await world.platform.call<Bulk>('POST', '/v1/bulk', body);
    return await untilBulk(id, ({ status }) => status === 'finished' || status === 'cancelled');
  };
  const untilBulk = async (id: string, fits: (job: Bulk) => boolean): Promise<Bulk> =>
    await eventually(
      `what is expected of ${id}`,
      async () => {
        const job = await world.platform.call<Bulk>('GET', `/v1/bulk/${id}`);
        return fits(job) && job;
      },
      120_000,
    );
  const countsByStatus = async (tag: string): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const { status } of await taggedWith(tag)) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  };

  test(`${ROLES} connections are paused by a bulk job that is cancelled in the middle, then paused and resumed, with exact counts`, async () => {
    const filter = { tag: 'of-the-batch' };
    const dry = await world.platform.call('POST', '/v1/bulk-dry-run', { action: 'pause', filter });
    expect(dry).toMatchObject({ matches: ROLES });

    const { id } = await world.platform.call<Bulk>('POST', '/v1/bulk', { action: 'pause', filter });
    await untilBulk(id, ({ counts }) => counts.done > 0);
    await world.platform.call('POST', `/v1/bulk/${id}/cancel`);
    const { counts, status } = await untilBulk(id, (job) => job.status === 'cancelled');
    expect({ status, sum: counts.done + counts.cancelled }).toEqual({ status: 'cancelled', sum: ROLES });
    const paused = await eventually('a list that is up to date', async () => {
      const found = await countsByStatus(filter.tag);
      return found['paused'] === counts.done && found;
    });
    expect(paused).toEqual({ paused: counts.done, active: counts.cancelled });

    expect((await bulk({ action: 'pause', filter })).counts.done).toBe(ROLES);
    const resumed = await bulk({ action: 'resume', filter, reason: 'The maintenance is over.' });
    expect(resumed).toMatchObject({ reason: 'The maintenance is over.', counts: { done: ROLES } });
    await eventually('a list that is up to date', async () => (await countsByStatus(filter.tag))['active'] === ROLES);
  });

  test('every history of the batch and its connections replays, so that any worker can take them over', async () => {
    const { replayed, failures } = await world.replay();
    expect(failures).toEqual([]);
    expect(replayed).toBeGreaterThan(ROLES);
  });
});
