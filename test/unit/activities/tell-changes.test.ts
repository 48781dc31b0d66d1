import { describe, expect, it } from 'vitest';
import { tellChanges, tellPass } from '../../../activities/discovery/tell-changes.ts';
import { emptyTally } from '../../../contracts/discovery-tally.ts';
import type { DiscoverySummary } from '../../../contracts/discovery.ts';
import { createLogger } from '../../../platform/logger.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { readChanges } from '../../../stores/inventory/changes-read.ts';
import { readCounts } from '../../../stores/inventory/counts.ts';
import type { InventoryPartition } from '../../../stores/inventory/port.ts';
import { row } from '../../contract/inventory.rows.ts';
import { connection, createDiscoveryWorld } from './discovery-world.ts';

const none = { added: [], removed: [], changed: [] };
const STARTED = '2030-01-01T00:00:00.000Z';
const summary: DiscoverySummary = {
  ...emptyTally,
  trigger: 'scheduled',
  startedAt: STARTED,
  finishedAt: '2030-01-01T00:01:00.000Z',
};

/** Stores of a test, and what they were told; the partitions are what the test says. */
async function world() {
  const real = await createDiscoveryWorld();
  let partitions: readonly InventoryPartition[] = [];
  const inventory = { ...real.inventory, partitions: async () => partitions };
  const deps = { ...real, inventory };
  const endPass = async (): Promise<void> => {
    await real.inventory.keepPass(connection.id, {
      epoch: 1,
      trigger: 'connected',
      startedAt: STARTED,
      finishedAt: summary.finishedAt,
      summary,
    });
  };
  return {
    deps,
    endPass,
    have: (...now: readonly InventoryPartition[]) => void (partitions = now),
    changes: async () => {
      const query = { sinceMs: null, untilMs: null, connection: undefined, kind: undefined };
      return (await readChanges(real, connection.tenant, query, null, 1_000)).changes.map(({ what }) => what);
    },
  };
}

const partition = (more: Partial<InventoryPartition> = {}): InventoryPartition => ({
  kind: 'instance',
  project: 'p1',
  generation: 1,
  resources: 0,
  regions: {},
  listedAt: STARTED,
  source: 'rest',
  stale: null,
  denied: null,
  ...more,
});
describe('what a discovery tells of changes', () => {
  it('all that the first discovery finds is one change with counts, which is kept when it ends', async () => {
    const { deps, have, changes, endPass } = await world();
    await tellChanges(deps, connection, { ...none, added: [row('a'), row('b')] });
    await tellChanges(deps, connection, { ...none, added: [row('v', { kind: 'volume' })] });
    expect(await changes()).toEqual([]);
    have(partition({ resources: 2 }), partition({ kind: 'volume', resources: 1 }), partition({ kind: 'database' }));
    await endPass();
    await tellPass(deps, connection, summary);
    expect(await changes()).toEqual([
      {
        reason: 'first_discovery',
        kinds: {
          instance: { added: 2, removed: 0, changed: 0 },
          volume: { added: 1, removed: 0, changed: 0 },
        },
      },
    ]);
  });

  it('after the first discovery every change is kept by itself, and no end of a discovery is', async () => {
    const { deps, changes, endPass } = await world();
    await endPass();
    const fields = [{ field: 'status', from: 'ACTIVE', to: 'SHUTOFF' }];
    await tellChanges(deps, connection, { added: [row('a')], removed: [], changed: [{ row: row('b'), fields }] });
    await tellPass(deps, connection, summary);
    expect(await changes()).toMatchObject([
      { change: 'added', id: 'a' },
      { change: 'changed', id: 'b', fields },
    ]);
  });

  it('the counts of a connection are kept at the end of a discovery, and read without its inventory', async () => {
    const { deps, have } = await world();
    have(
      partition({ denied: { since: STARTED, action: null } }),
      partition({ kind: 'volume', stale: { since: STARTED, problem: unreachable } }),
    );
    await tellPass(deps, connection, summary);
    const refused = () => Promise.reject(new Error('The inventory was read.'));
    const inventory = { partitions: refused, page: refused };
    expect(await readCounts({ ...deps, inventory }, connection.id)).toMatchObject({ stale: 1, denied: 1 });
  });

  it('a store that does not answer is no failure of the discovery', async () => {
    const { deps } = await world();
    const append = () => Promise.reject(new EphemeralStoreUnavailable('down'));
    const down = { ...deps, ephemeral: { ...deps.ephemeral, append }, logger: createLogger('worker', 'silent') };
    await expect(tellChanges(down, connection, { ...none, added: [row('a')] })).resolves.toBeUndefined();
    await expect(tellPass(down, connection, summary)).resolves.toBeUndefined();
  });
});

const unreachable = { code: 'cloud_unavailable', message: 'It is down.', remedy: 'Wait.' };
