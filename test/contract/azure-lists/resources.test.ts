import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { allRows, rowsOf, startAzureLister, troubles, type AzureListerOnSandbox } from '../lister.azure.on-sandbox.ts';

const TENANT = 'aaaa1111-0000-4000-8000-000000000001';
const PRODUCTION = '5ab50001-0000-4000-8000-000000000001';
const GRAPH = 'resource-graph';
const unavailable = { kind: 'respond', status: 503, body: {} } as const;

describe('the resources of a subscription of Azure', () => {
  let azure: AzureListerOnSandbox;
  beforeEach(async () => void (azure = await startAzureLister()));
  afterEach(() => azure.close());

  const named = async (kind: string, name: string) =>
    rowsOf(await azure.list('Production'), kind).find((row) => row.name === name);

  test('a machine has its power state as status, its size, its zone and the moment it was made', async () => {
    const id = `/subscriptions/${PRODUCTION}/resourceGroups/WEB/providers/Microsoft.Compute/virtualMachines/vm-3`;
    expect(await named('instance', 'vm-3')).toEqual({
      key: id.toLowerCase(),
      kind: 'instance',
      project: PRODUCTION,
      id,
      name: 'vm-3',
      region: 'westeurope',
      zone: '1',
      status: 'running',
      createdAt: '2025-01-01T03:00:00.123Z',
      tags: { team: 'team-3' },
      nativeType: 'microsoft.compute/virtualmachines',
      url: null,
      consoleUrl: `https://portal.azure.com/#@${TENANT}/resource${id}`,
      source: GRAPH,
      summary: { resourceGroup: 'web', size: 'Standard_D2s_v5' },
    });
    expect(await named('instance', 'vm-5')).toMatchObject({ status: 'deallocated' });
  });

  test('each type has what people look for: sizes, versions, host names, and states in lower case', async () => {
    const rows = allRows(await azure.list('Production'));
    const facts = (name: string) => {
      const { status, url, summary, kind } = rows.find((row) => row.name === name) ?? expect.fail(name);
      const { resourceGroup: _group, ...rest } = summary;
      return { kind, status, url, ...rest };
    };
    expect(facts('disk-1')).toEqual({ kind: 'volume', status: 'succeeded', url: null, sku: 'Premium_LRS', sizeGb: 64 });
    expect(facts('aks-1')).toMatchObject({ kind: 'kubernetes', status: 'running', version: '1.33.2' });
    expect(facts('db-1')).toMatchObject({ kind: 'database', status: 'online', url: null });
    expect(facts('pg-2')).toMatchObject({ status: 'ready', version: '17', url: 'https://pg-2.postgres.example' });
    expect(facts('store-1')).toMatchObject({ kind: 'object_storage', url: 'https://store1.blob.example/' });
    expect(facts('acr-1')).toMatchObject({ kind: 'registry', status: 'succeeded', sku: 'Premium' });
    expect(facts('app-1')).toMatchObject({ kind: 'container_service', url: 'https://app-1.apps.example' });
  });

  test('a site is a function or a container service by its kind', async () => {
    const listing = await azure.list('Production');
    const sites = [...rowsOf(listing, 'function'), ...rowsOf(listing, 'container_service')]
      .filter(({ nativeType }) => nativeType === 'microsoft.web/sites')
      .map(({ name, kind, summary }) => JSON.stringify([name.split('-')[0], kind, summary['kind']]));
    expect([...new Set(sites)].toSorted()).toEqual([
      '["func","function","functionapp,linux"]',
      '["web","container_service","app,linux"]',
    ]);
  });

  test('the own database of an SQL server is left out', async () => {
    const names = rowsOf(await azure.list('Production'), 'database').map(({ name }) => name);
    expect(names).not.toContain('master');
    expect((await azure.cloud.azure.resources('Production')).map(({ name }) => name)).toContain('sql-1/master');
  });

  test('only the kinds that are asked for are answered', async () => {
    const { kinds } = await azure.list('Production', ['volume', 'registry']);
    expect(kinds.map(({ kind }) => kind)).toEqual(['volume', 'registry']);
  });

  test('more rows than one page has all arrive, in as many queries as there are pages', async () => {
    await azure.cloud.azure.resize('Production', { instance: 4_000, object_storage: 6_000 });
    const before = (await azure.cloud.counters('azure')).requests[GRAPH] ?? 0;
    const listing = await azure.list('Production');
    expect(rowsOf(listing, 'instance')).toHaveLength(4_000);
    expect(rowsOf(listing, 'object_storage')).toHaveLength(6_000);
    expect(troubles(listing)).toEqual({});
    expect(((await azure.cloud.counters('azure')).requests[GRAPH] ?? 0) - before).toBe(11);
  });

  test('fewer rows than Azure counts are a loss of every kind', async () => {
    await azure.cloud.fault({ endpoint: GRAPH }, { kind: 'alter', set: { totalRecords: 1_000 } });
    const listing = await azure.list('Production');
    expect(Object.values(troubles(listing)).map(String)).toEqual(Array(10).fill('rows_missing'));
    expect(rowsOf(listing, 'instance')).toHaveLength(14);
  });

  test('a page that fails after others came costs only itself', async () => {
    await azure.cloud.azure.resize('Production', { volume: 2_500 });
    // The first page is answered as it is.
    await azure.cloud.fault({ endpoint: GRAPH }, { kind: 'slow', ms: 0 });
    await azure.cloud.fault({ endpoint: GRAPH }, unavailable);
    const listing = await azure.list('Production');
    expect(allRows(listing)).toHaveLength(1_000);
    expect(troubles(listing)['volume']).toEqual(['cloud_unavailable']);
  });

  describe('by Azure Resource Manager', () => {
    test('what it lists is what Resource Graph lists, so that nothing seems to change', async () => {
      const graph = await azure.list('Production');
      await azure.cloud.fault({ endpoint: GRAPH }, unavailable, null);
      const arm = await azure.list('Production');
      expect([arm.source, arm.notice?.code]).toEqual(['arm', 'cloud_unavailable']);
      const comparable = (listing: typeof arm) =>
        allRows(listing)
          .filter(({ nativeType }) => nativeType !== 'microsoft.sql/servers/databases')
          // The cases of ids differ between the two, and nothing else.
          .map(({ id: _id, consoleUrl: _url, source: _source, ...row }) => row)
          .toSorted((a, b) => (a.key < b.key ? -1 : 1));
      expect(comparable(arm)).toEqual(comparable(graph));
      expect(comparable(arm)).toHaveLength(49);
    });

    test('databases below SQL servers are a loss there, and other kinds are complete', async () => {
      await azure.cloud.fault({ endpoint: GRAPH }, unavailable, null);
      expect(troubles(await azure.list('Production'))).toEqual({ database: ['not_listed_by_arm'] });
      await azure.cloud.azure.resize('Production', { database: 0 });
      expect(troubles(await azure.list('Production'))).toEqual({});
    });

    test('an account that Resource Graph refuses is listed by Azure Resource Manager, and the operator is told', async () => {
      await azure.cloud.azure.deny(azure.principal.clientId, ['Microsoft.ResourceGraph/resources/read']);
      const listing = await azure.list('Production');
      expect([listing.source, listing.notice?.code]).toEqual(['arm', 'list_denied']);
      expect(rowsOf(listing, 'instance')).toHaveLength(14);
    });

    test('a type whose own list fails costs its kind alone', async () => {
      await azure.cloud.fault({ endpoint: GRAPH }, unavailable, null);
      await azure.cloud.fault({ endpoint: 'resources.of-type', path: 'storageAccounts' }, unavailable, null);
      expect(troubles(await azure.list('Production'))).toEqual({
        database: ['not_listed_by_arm'],
        object_storage: ['cloud_unavailable'],
      });
    });

    test('all pages of a list are read, and none from another address', async () => {
      await azure.cloud.change({ azure: { resourcePageSize: 3 } });
      await azure.cloud.fault({ endpoint: GRAPH }, unavailable, null);
      expect(rowsOf(await azure.list('Production'), 'instance')).toHaveLength(14);
      const nextLink = `${azure.url.replace('127.0.0.1', 'localhost')}/azure/global/elsewhere`;
      const link = { kind: 'alter', set: { nextLink } } as const;
      await azure.cloud.fault({ endpoint: 'resources.of-type', path: 'disks' }, link, null);
      const listing = await azure.list('Production');
      expect(troubles(listing)['volume']).toEqual(['next_page_elsewhere']);
      expect(rowsOf(listing, 'volume')).toHaveLength(3);
      expect((await azure.cloud.addresses()).filter((address) => address.includes('elsewhere'))).toEqual([]);
    });

    test('nothing secret of what it answers is in a row', async () => {
      await azure.cloud.fault({ endpoint: GRAPH }, unavailable, null);
      const listing = await azure.list('Production');
      expect(allRows(listing).length).toBeGreaterThan(40);
      expect(JSON.stringify(listing)).not.toContain('hunter2');
    });
  });

  test.each([
    ['china', 'https://portal.azure.cn'],
    ['us-government', 'https://portal.azure.us'],
  ])('rows of cloud %s lead to its own portal', async (region, portal) => {
    const id = `/subscriptions/${PRODUCTION}/resourceGroups/g/providers/Microsoft.Compute/disks/d`;
    const body = { data: [{ id, name: 'd', type: 'microsoft.compute/disks' }], totalRecords: 1 };
    await azure.cloud.fault({ endpoint: GRAPH, region }, { kind: 'respond', status: 200, body });
    const request = { list: 'resources', kinds: ['volume'], projectId: PRODUCTION };
    const listing = await azure.lister.list(azure.context({ region }), request);
    expect(rowsOf(listing, 'volume')[0]?.consoleUrl).toMatch(`${portal}/#@${TENANT}/resource/subscriptions/`);
  });
});
