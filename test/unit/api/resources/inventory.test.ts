import { describe, expect, it } from 'vitest';
import type { InventoryReply } from '../../../../api/resources/schema.ts';
import { problem } from '../../../contract/inventory.rows.ts';
import { accounts, first, row } from './accounts.ts';
import { catalogOfSky, denied, partition } from './sky.ts';

describe('an inventory', () => {
  it('an inventory reports for each kind the time of its oldest list and how many lists are stale', async () => {
    const { put, get, clock, inventory } = await accounts();
    await put(first, row('old'));
    const oldest = new Date(clock.now()).toISOString();
    clock.advance(60_000);
    await put(first, row('new', { project: 'p2' }));
    await inventory.markStale({ connection: first, epoch: 1, kind: 'instance', project: 'p2' }, problem);
    const reply = (await get(`/v1/connections/${first}/inventory`)).json<InventoryReply>();
    expect(reply).toMatchObject({
      resources: 2,
      kinds: [{ kind: 'instance', resources: 2, listedAt: oldest, stale: 1 }],
    });
    expect(reply.kinds[0]?.partitions.map(({ project, stale }) => [project, stale?.problem ?? null])).toEqual([
      ['p1', null],
      ['p2', problem],
    ]);
  });

  it('an inventory reports no list time for a kind that was never listed completely', async () => {
    const { get, inventory, put } = await accounts();
    await put(first, row('one'));
    await inventory.markStale({ connection: first, epoch: 1, kind: 'instance', project: 'p2' }, problem);
    const reply = (await get(`/v1/connections/${first}/inventory`)).json<InventoryReply>();
    expect(reply.kinds[0]).toMatchObject({ listedAt: null, stale: 1 });
  });

  it('an inventory names each kind as people call it, and says which rights the cloud named as missing', async () => {
    const partitions = [
      partition({ kind: 'volume', project: 'p1', resources: 2 }),
      denied('sky:ListVolumes', { kind: 'volume', project: 'p2' }),
      partition({ kind: 'unknown_kind', project: null }),
    ];
    const { get } = await accounts({
      inventory: { partitions: async () => partitions, page: async () => ({ rows: [], partitions: [], next: null }) },
      providers: catalogOfSky(),
    });
    const reply = (await get(`/v1/connections/${first}/inventory`)).json<InventoryReply>();
    expect(reply).toMatchObject({
      resources: 2,
      denied: 1,
      kinds: [
        { kind: 'volume', label: 'Disks', denied: 1, missing: ['sky:ListVolumes'] },
        { kind: 'unknown_kind', label: 'unknown kind', denied: 0, missing: [] },
      ],
    });
    expect(reply.kinds[0]?.partitions.map(({ denied: right }) => right?.action ?? null)).toEqual([
      null,
      'sky:ListVolumes',
    ]);
  });
});
