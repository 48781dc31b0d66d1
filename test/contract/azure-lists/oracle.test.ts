import { ResourceGraphClient, type ResourceGraphClientOptionalParams } from '@azure/arm-resourcegraph';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { query } from '../../../providers/azure/discovery/columns.ts';
import { allRows, startAzureLister, type AzureListerOnSandbox } from '../lister.azure.on-sandbox.ts';

type HttpClient = NonNullable<ResourceGraphClientOptionalParams['httpClient']>;

/** Microsoft's own client reads what the sandbox answers: so the sandbox has the form of the real service. */
describe("Microsoft's client of Resource Graph on the sandbox", () => {
  let azure: AzureListerOnSandbox;
  let client: ResourceGraphClient;
  beforeEach(async () => {
    azure = await startAzureLister({ roles: ['Production', 'Staging'] });
    const { port } = new URL(azure.url);
    const token = { token: azure.principal.token, expiresOnTimestamp: Date.now() + 3_600_000 };
    client = new ResourceGraphClient(
      { getToken: () => Promise.resolve(token) },
      {
        // The client sends tokens over https alone; for this machine the scheme is put back in the transport.
        endpoint: `https://127.0.0.1:${port}/azure/global`,
        httpClient: overHttp,
        retryOptions: { maxRetries: 0 },
      },
    );
  });
  afterEach(() => azure.close());

  const ask = async (options: object = {}, subscriptions = [azure.ids['Production'] ?? '']) =>
    await client.resources({ subscriptions, query, options: { resultFormat: 'objectArray', ...options } });

  test('it reads the same resources over pages as the lister does', async () => {
    const ids: string[] = [];
    let skipToken: string | undefined;
    do {
      const page = await ask({ top: 7, ...(skipToken !== undefined && { skipToken }) });
      expect(page.count).toBe((page.data as unknown[]).length);
      expect(page.resultTruncated).toBe('false');
      expect(page.totalRecords).toBe(51);
      ids.push(...(page.data as { id: string }[]).map(({ id }) => id));
      ({ skipToken } = page);
    } while (skipToken !== undefined);
    const listed = allRows(await azure.list('Production')).map(({ id }) => id);
    expect(ids.toSorted()).toEqual(listed.toSorted());
    expect(new Set(ids).size).toBe(51);
  });

  test('it gets the rows of several subscriptions, and none of one without a role', async () => {
    const all = Object.values(azure.ids);
    const { data } = await ask({ top: 1000 }, all);
    const found = new Set((data as { id: string }[]).map(({ id }) => id.split('/')[2]));
    expect(found).toEqual(new Set([azure.ids['Production'], azure.ids['Staging']]));
  });

  test('its errors have the codes of the service', async () => {
    await expect(ask({}, [azure.ids['Okafor main'] ?? ''])).rejects.toMatchObject({
      statusCode: 403,
      code: 'AccessDenied',
    });
    await expect(
      client.resources({ subscriptions: [azure.ids['Production'] ?? ''], query: 'resources | summarize count()' }),
    ).rejects.toMatchObject({ statusCode: 400, code: 'BadRequest' });
    await azure.cloud.change({ azure: { graphQueriesIn5Seconds: 0 } });
    await expect(ask()).rejects.toMatchObject({ statusCode: 429, code: 'RateLimiting' });
  });
});

const overHttp: HttpClient = {
  async sendRequest(request) {
    const response = await fetch(request.url.replace(/^https:/, 'http:'), {
      method: request.method,
      headers: request.headers.toJSON(),
      ...(typeof request.body === 'string' && { body: request.body }),
    });
    const headers = request.headers;
    for (const [name] of headers) headers.delete(name);
    for (const [name, value] of response.headers) headers.set(name, value);
    return { request, status: response.status, headers, bodyAsText: await response.text() };
  },
};
