import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { startAzureLister, type AzureListerOnSandbox } from '../../contract/lister.azure.on-sandbox.ts';

const PROJECT = 'project id, type | order by id asc';

describe('the resources of the simulated Azure', () => {
  let azure: AzureListerOnSandbox;
  beforeAll(async () => void (azure = await startAzureLister()));
  afterEach(async () => {
    await azure.cloud.clearFaults();
    await azure.cloud.azure.deny(azure.principal.clientId, []);
  });
  afterAll(() => azure.close());

  const call = async (path: string, body?: object) => {
    const response = await fetch(`${azure.url}/azure/global${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${azure.principal.token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const ask = async (query: string, options: object = {}) =>
    await call('/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01', {
      subscriptions: [azure.ids['Production']],
      query,
      options,
    });
  const below = (path: string) => call(`/subscriptions/${azure.ids['Production']}${path}`);

  test.each([
    'resources | summarize count()',
    `securityresources | where type in~ ('a') | ${PROJECT}`,
    "resources | where type in~ ('microsoft.compute/disks') | project id, x=strcat(name) | order by id asc",
    "resources | where type in~ ('microsoft.compute/disks') | project id, x=coalesce(tostring(name)) | order by id asc",
  ])('a query that is not understood is refused: %s', async (query) => {
    expect((await ask(query)).status).toBe(400);
  });

  test('without an order by id there is no token for a next page, and the rows are truncated', async () => {
    const where = "resources | where type in~ ('microsoft.compute/disks')";
    const cut = JSON.parse((await ask(`${where} | project id, type`, { $top: 2 })).text) as Record<string, unknown>;
    expect([cut['count'], cut['totalRecords'], cut['resultTruncated'], cut['$skipToken']]).toEqual([
      2,
      10,
      'true',
      undefined,
    ]);
    const paged = JSON.parse((await ask(`${where} | ${PROJECT}`, { $top: 2 })).text) as Record<string, unknown>;
    expect([paged['resultTruncated'], typeof paged['$skipToken']]).toEqual(['false', 'string']);
  });

  test('every answer says what is left of the quota', async () => {
    const { headers } = await ask(`resources | where type in~ ('a') | ${PROJECT}`);
    expect(Number(headers.get('x-ms-user-quota-remaining'))).toBeLessThan(15);
    expect(headers.get('x-ms-user-quota-resets-after')).toMatch(/^00:00:0\d$/);
  });

  test('the right is checked before the resource is looked for', async () => {
    const path = '/resourceGroups/Web/providers/Microsoft.Compute/disks/no-such-disk?api-version=2023-04-02';
    expect(await below(path)).toMatchObject({
      status: 404,
      text: expect.stringContaining('ResourceNotFound') as string,
    });
    await azure.cloud.azure.deny(azure.principal.clientId, ['Microsoft.Compute/disks/read']);
    const refused = await below(path);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain("perform action 'Microsoft.Compute/disks/read'");
  });

  test('what may not be read is left out of the list of everything', async () => {
    const types = async () => (await below('/resources?api-version=2021-04-01')).text;
    expect(await types()).toContain('Microsoft.Compute/disks');
    await azure.cloud.azure.deny(azure.principal.clientId, ['Microsoft.Compute/disks/read']);
    expect(await types()).not.toContain('Microsoft.Compute/disks');
  });

  test('passwords stand wherever real answers may hold one', async () => {
    const planted = (await azure.cloud.azure.resources('Production')).map((resource) => JSON.stringify(resource));
    for (const place of ['customData', 'userData', 'protectedSettings', 'appSettings', 'connectionStrings', '"tags"']) {
      const holders = planted.filter((text) => text.includes(place) && text.includes('hunter2'));
      expect([place, holders.length > 0]).toEqual([place, true]);
    }
  });
});
