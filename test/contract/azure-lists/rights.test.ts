import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { thrown } from '../thrown.ts';
import { allRows, rowsOf, startAzureLister, troubles, type AzureListerOnSandbox } from '../lister.azure.on-sandbox.ts';

const GRAPH = 'resource-graph';
const STORAGE = 'Microsoft.Storage/storageAccounts/read';

describe('what an account of Azure may not read', () => {
  let azure: AzureListerOnSandbox;
  beforeEach(async () => void (azure = await startAzureLister({ roles: ['Production', 'Staging'] })));
  afterEach(() => azure.close());

  const absent = async (kind: string) => {
    const projectId = azure.ids['Production'] ?? '';
    const rows = rowsOf(await azure.list('Production'), kind);
    return { kind, projectId, rows };
  };
  const confirm = async (request: Awaited<ReturnType<typeof absent>>) =>
    (await azure.lister.confirmGone?.(azure.context(), request)) ?? expect.fail('no witness');

  test('a type that Resource Graph leaves out without a word is told as denied, with the right and the command', async () => {
    await azure.cloud.azure.deny(azure.principal.clientId, [STORAGE]);
    const listing = await azure.list('Production');
    expect(troubles(listing)).toEqual({ object_storage: ['list_denied'] });
    const denied = listing.kinds.find(({ kind }) => kind === 'object_storage');
    expect(denied).toMatchObject({ outcome: 'failed', failure: { class: 'user', denied: { action: STORAGE } } });
    const { remedy } = (denied?.outcome === 'failed' && denied.failure.problem) || expect.fail('not failed');
    expect(remedy).toContain(
      `az role assignment create --role Reader --assignee ${azure.principal.clientId} --scope /subscriptions/${azure.ids['Production']}`,
    );
  });

  test('a kind of which one type is denied keeps the rows of the others, and is not complete', async () => {
    await azure.cloud.azure.deny(azure.principal.clientId, ['Microsoft.DocumentDB/databaseAccounts/read']);
    const listing = await azure.list('Production');
    expect(rowsOf(listing, 'database')).toHaveLength(4);
    expect(troubles(listing)).toEqual({ database: ['list_denied'] });
  });

  test('a subscription that the account lost its role on is told for every kind, and is never an empty list', async () => {
    await azure.cloud.azure.assignRoles(azure.principal.clientId, ['Staging']);
    const listing = await azure.list('Production');
    expect(Object.values(troubles(listing)).map(String)).toEqual(Array(10).fill('list_denied'));
    expect(listing.kinds.every((one) => one.outcome === 'failed')).toBe(true);
    expect(listing.kinds[0]).toMatchObject({
      failure: { denied: { action: 'Microsoft.Resources/subscriptions/resources/read' } },
    });
  });

  test('an empty answer of Resource Graph is complete only where the account has the rights', async () => {
    const body = { data: [], totalRecords: 0, count: 0, resultTruncated: 'false' };
    await azure.cloud.fault({ endpoint: GRAPH }, { kind: 'respond', status: 200, body }, null);
    expect(troubles(await azure.list('Production'))).toEqual({});
    await azure.cloud.azure.assignRoles(azure.principal.clientId, ['Staging']);
    expect(Object.values(troubles(await azure.list('Production'))).map(String)).toEqual(Array(10).fill('list_denied'));
  });

  test('where the rights cannot be read, kinds without rows have failed and others are complete', async () => {
    await azure.cloud.azure.resize('Production', { registry: 0 });
    await azure.cloud.fault({ endpoint: 'permissions.list' }, { kind: 'respond', status: 500, body: {} }, null);
    const listing = await azure.list('Production');
    expect(troubles(listing)['registry']).toEqual(['cloud_unavailable']);
    expect(troubles(listing)['volume']).toBeUndefined();
  });

  test('an account with roles on single resource groups is complete for the kinds that it sees', async () => {
    await azure.cloud.azure.resize('Production', { registry: 0, database: 1 });
    await azure.cloud.fault(
      { endpoint: 'permissions.list' },
      { kind: 'respond', status: 200, body: { value: [] } },
      null,
    );
    expect(troubles(await azure.list('Production'))).toEqual({ registry: ['list_denied'] });
  });

  test('a token that ends in the middle of a list is thrown as revoked, and is not a kind that failed', async () => {
    const body = { error: { code: 'ExpiredAuthenticationToken', message: 'The access token has expired.' } };
    await azure.cloud.fault({ endpoint: 'permissions.list' }, { kind: 'respond', status: 401, body });
    expect(await thrown(azure.list('Production'))).toMatchObject({ class: 'revoked' });
  });

  test('a subscription that has moved to another directory does not end the credential', async () => {
    await azure.cloud.azure.setSubscriptionState('Production', 'Moved');
    expect(await thrown(azure.list('Production'))).toMatchObject({
      class: 'user',
      problem: { code: 'subscription_in_other_directory' },
    });
  });

  test('the lists of other subscriptions are not touched by one that is denied', async () => {
    await azure.cloud.azure.assignRoles(azure.principal.clientId, ['Staging']);
    expect(troubles(await azure.list('Staging'))).toEqual({});
    expect(allRows(await azure.list('Staging')).length).toBeGreaterThan(0);
  });

  describe('the second witness', () => {
    test('a resource that Azure Resource Manager does not find is gone, and the others are there', async () => {
      const request = await absent('volume');
      const [first, ...others] = request.rows;
      await azure.cloud.azure.deleteResource(first?.id ?? '');
      const { gone, there, refused } = await confirm(request);
      expect([...gone]).toEqual([first?.key]);
      expect([...there].toSorted()).toEqual(others.map(({ key }) => key).toSorted());
      expect(refused).toBeNull();
    });

    test('what went with its resource group is gone by one question', async () => {
      await azure.cloud.azure.resize('Production', { volume: 30 });
      const request = await absent('volume');
      await azure.cloud.azure.deleteGroup('Production', 'Web');
      const inGroup = request.rows.filter(({ summary }) => summary['resourceGroup'] === 'web');
      const { gone } = await confirm({ ...request, rows: inGroup });
      expect(gone.size).toBe(10);
      const { requests } = await azure.cloud.counters('azure');
      expect([requests['resource-groups.get'], requests['resources.get'] ?? 0]).toEqual([1, 0]);
    });

    test('after a role was lost nothing is gone, and the role to give is told', async () => {
      const request = await absent('volume');
      await azure.cloud.azure.assignRoles(azure.principal.clientId, []);
      const { gone, there, refused } = await confirm(request);
      expect([gone.size, there.size]).toEqual([0, 0]);
      expect(refused).toMatchObject({
        class: 'user',
        problem: { code: 'list_denied' },
        denied: { action: 'Microsoft.Compute/disks/read' },
      });
    });

    test('a "not found" that is not in the words of Azure Resource Manager proves nothing', async () => {
      const request = await absent('registry');
      await azure.cloud.fault({ endpoint: 'resources.get' }, { kind: 'respond', status: 404, body: {} });
      expect(await confirm(request)).toMatchObject({ gone: new Set(), there: new Set(), refused: { class: 'config' } });
    });

    test('a row whose stored id leads elsewhere is not asked about', async () => {
      const request = await absent('registry');
      const before = await azure.cloud.addresses();
      const rows = request.rows.map((row) => ({ ...row, id: '/../../oauth2/token' }));
      expect(await confirm({ ...request, rows })).toEqual({ gone: new Set(), there: new Set(), refused: null });
      expect(await azure.cloud.addresses()).toEqual(before);
    });
  });
});
