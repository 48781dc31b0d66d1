import type { Static } from 'typebox';
import { describe, expect, it } from 'vitest';
import type { PermissionsSchema } from '../../../../api/resources/permissions.ts';
import type { InventoryPartition } from '../../../../stores/inventory/port.ts';
import { problem } from '../../../contract/inventory.rows.ts';
import { accounts, first } from './accounts.ts';
import { catalogOfSky, denied, partition, SINCE } from './sky.ts';

async function permissionsWith(partitions: readonly InventoryPartition[], providers = catalogOfSky()) {
  const page = async () => ({ rows: [], partitions: [], next: null });
  const { get } = await accounts({ inventory: { partitions: async () => partitions, page }, providers });
  const reply = await get(`/v1/connections/${first}/permissions`);
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json<Static<typeof PermissionsSchema>>();
}

describe('the permissions of a connection', () => {
  it('every kind of the cloud has the state of its lists, what it needs and what to add', async () => {
    const { provider, method, kinds } = await permissionsWith([
      partition(),
      denied('sky:ListVolumes', { kind: 'volume' }),
      partition({ kind: 'database', stale: { since: SINCE, problem } }),
    ]);
    expect([provider, method]).toEqual(['ovh', 'authorization_code']);
    expect(kinds.map(({ kind, state }) => [kind, state])).toEqual([
      ['instance', 'listed'],
      ['volume', 'denied'],
      ['database', 'failed'],
      ['bucket', 'not_listed_yet'],
      ['function', 'cannot'],
    ]);
    expect(kinds[1]).toMatchObject({
      label: 'Disks',
      needs: ['sky:ListVolumes'],
      grant: 'Add sky:ListVolumes to the role.',
      problem,
    });
    expect(kinds.map(({ why }) => why)).toEqual([null, null, null, null, 'Its scope does not allow it.']);
  });

  it('a missing right is told with its name, in how many and which projects, and since when', async () => {
    const later = '2026-11-22T08:00:00.000Z';
    const { kinds } = await permissionsWith([
      ...['p1', 'p2', 'p3'].map((project) => denied('sky:ListVolumes', { kind: 'volume', project })),
      denied(null, { kind: 'volume', project: 'p4', denied: { since: later, action: null } }),
      partition({ kind: 'volume', project: 'p5' }),
    ]);
    expect(kinds[1]).toMatchObject({
      state: 'denied',
      lists: { all: 5, listed: 1, denied: 4, failed: 0 },
      missing: [
        { action: 'sky:ListVolumes', since: SINCE, lists: 3, projects: ['p1', 'p2', 'p3'] },
        { action: null, since: later, lists: 1, projects: ['p4'] },
      ],
    });
  });

  it('at most 50 projects that lack a right are named, and all of them are counted', async () => {
    const projects = Array.from({ length: 300 }, (_none, index) => `p${index}`);
    const { kinds } = await permissionsWith(
      projects.map((project) => denied('sky:ListVolumes', { kind: 'volume', project })),
    );
    expect(kinds[1]?.missing[0]?.lists).toBe(300);
    expect(kinds[1]?.missing[0]?.projects).toHaveLength(50);
  });

  it('with a method that discovers nothing, no kind can be listed', async () => {
    const { kinds } = await permissionsWith([], catalogOfSky({ discovers: false }));
    expect(new Set(kinds.map(({ state }) => state))).toEqual(new Set(['cannot']));
  });

  it('the catalogue of providers has the kinds of each cloud, and what a method can never list', async () => {
    const { get } = await accounts({ providers: catalogOfSky() });
    const { items } = (await get('/v1/providers')).json<{ items: object[] }>();
    expect(items).toMatchObject([
      {
        methods: [{ discovers: true, cannotList: [{ kind: 'function', why: 'Its scope does not allow it.' }] }],
        discovery: {
          projectKind: 'region',
          sources: { rest: 'By the API of Sky.' },
          kinds: [
            {
              id: 'instance',
              label: 'Machines',
              needs: ['sky:ListMachines'],
              grant: 'Add sky:ListMachines to the role.',
            },
            { id: 'volume' },
            { id: 'database' },
            { id: 'bucket' },
            { id: 'function' },
          ],
        },
      },
    ]);
  });
});
