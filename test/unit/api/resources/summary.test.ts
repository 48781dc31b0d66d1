import { describe, expect, it } from 'vitest';
import { keepCounts, readCounts } from '../../../../stores/inventory/counts.ts';
import type { InventoryPartition } from '../../../../stores/inventory/port.ts';
import { accounts, first, foreign, row, second, some } from './accounts.ts';
import { denied, partition } from './sky.ts';

const SUMMARY = '/v1/resources/summary';

describe('the summary of resources', () => {
  it('the summary counts the resources of a tenant by cloud, kind and region', async () => {
    const { put, get } = await accounts();
    await put(first, ...some(3), row('far', { region: 'SBG5' }), row('none', { kind: 'server', region: null }));
    await put(second, ...some(2, { region: 'eu-west-1' }));
    await put(foreign, ...some(9));
    expect((await get(SUMMARY)).json()).toEqual({
      connections: 2,
      resources: 7,
      stale: 0,
      denied: 0,
      providers: [
        {
          provider: 'ovh',
          connections: 1,
          resources: 5,
          stale: 0,
          denied: 0,
          kinds: [
            {
              kind: 'instance',
              resources: 4,
              regions: [
                { region: 'GRA11', resources: 3 },
                { region: 'SBG5', resources: 1 },
              ],
            },
            { kind: 'server', resources: 1, regions: [{ region: null, resources: 1 }] },
          ],
        },
        {
          provider: 'aws',
          connections: 1,
          resources: 2,
          stale: 0,
          denied: 0,
          kinds: [{ kind: 'instance', resources: 2, regions: [{ region: 'eu-west-1', resources: 2 }] }],
        },
      ],
    });
  });

  it('the summary reads no rows of partitions that know how many of them are in which region', async () => {
    const partitions = [
      { ...partition({ resources: 5 }), regions: { GRA11: 3, '': 2 } },
      { ...partition({ kind: 'volume', resources: 0 }) },
      { ...denied(null, { kind: 'server', project: null }), regions: {} },
    ];
    const page = () => Promise.reject(new Error('Rows were read.'));
    const { get } = await accounts({ inventory: { partitions: async () => partitions, page } });
    expect((await get(SUMMARY)).json()).toMatchObject({
      resources: 10,
      denied: 2,
      stale: 2,
      providers: [
        {
          kinds: [
            {
              kind: 'instance',
              regions: [
                { region: 'GRA11', resources: 3 },
                { region: null, resources: 2 },
              ],
            },
          ],
        },
        { provider: 'aws' },
      ],
    });
  });

  it('the summary reads no inventory of connections whose counts were kept after a discovery', async () => {
    let reads = 0;
    const known: readonly InventoryPartition[] = [partition({ resources: 0 })];
    const inventory = {
      partitions: async () => {
        reads += 1;
        return known;
      },
      page: async () => ({ rows: [], partitions: [], next: null }),
    };
    const { get, deps } = await accounts({ inventory });
    for (const id of [first, second]) await keepCounts({ ...deps, inventory }, id);
    reads = 0;
    expect((await get(SUMMARY)).json()).toMatchObject({ connections: 2 });
    expect(reads).toBe(0);
  });

  it('counts that a discovery keeps replace those that a reader made before it ended', async () => {
    const { put, get, deps, inventory, clock } = await accounts();
    await put(first, row('early'));
    expect((await get(SUMMARY)).json()).toMatchObject({ resources: 1 });
    await put(first, row('early'), ...some(4));
    await keepCounts({ ...deps, inventory }, first);
    clock.advance(3);
    expect((await get(SUMMARY)).json()).toMatchObject({ resources: 5 });
  });

  it('counts that a reader made do not replace those that a discovery kept in the meantime', async () => {
    const { deps } = await accounts();
    const after = { partitions: async () => [partition(), denied(null, { kind: 'volume' })] };
    const before = {
      partitions: async () => {
        await keepCounts({ ...deps, inventory: after }, first);
        return [partition()];
      },
    };
    await readCounts({ ...deps, inventory: before }, first);
    expect(await readCounts({ ...deps, inventory: before }, first)).toMatchObject({ denied: 1 });
  });
});
