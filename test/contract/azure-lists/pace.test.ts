import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { thrown } from '../thrown.ts';
import { rowsOf, startAzureLister, troubles, type AzureListerOnSandbox } from '../lister.azure.on-sandbox.ts';

const GRAPH = 'resource-graph';
const limited = (seconds: string) =>
  ({
    kind: 'respond',
    status: 429,
    body: { error: { code: 'RateLimiting', message: 'Slower.' } },
    headers: { 'retry-after': seconds },
  }) as const;

describe('the pace at which Azure is asked', () => {
  let azure: AzureListerOnSandbox;
  beforeEach(async () => void (azure = await startAzureLister()));
  afterEach(() => azure.close());

  test('a quota that is used up is waited for before it is exceeded', async () => {
    await azure.cloud.change({ azure: { graphQueriesIn5Seconds: 2 } });
    await azure.cloud.azure.resize('Production', { volume: 5_000 });
    const listing = await azure.list('Production');
    expect(rowsOf(listing, 'volume')).toHaveLength(5_000);
    expect(troubles(listing)).toEqual({});
    // Six pages, two at a time; a refusal would have been one query more.
    expect((await azure.cloud.counters('azure')).requests[GRAPH]).toBe(6);
    expect(azure.secondsWaited()).toBeGreaterThanOrEqual(8);
  });

  test('a refusal is waited out as long as it says, and costs nothing', async () => {
    await azure.cloud.fault({ endpoint: GRAPH }, limited('7'), 2);
    expect(troubles(await azure.list('Production'))).toEqual({});
    expect(azure.secondsWaited()).toBe(14);
  });

  test('a refusal for longer than a list may take is passed on, and no other way is tried', async () => {
    await azure.cloud.fault({ endpoint: GRAPH }, limited('600'));
    expect(await thrown(azure.list('Production'))).toMatchObject({
      class: 'transient',
      retryAfterSeconds: 600,
      problem: { code: 'cloud_rate_limited' },
    });
    expect(azure.secondsWaited()).toBe(0);
    expect((await azure.cloud.counters('azure')).requests['resources.list']).toBeUndefined();
  });

  test('refusals without end are waited for two minutes at most', async () => {
    await azure.cloud.fault({ endpoint: GRAPH }, limited('30'), null);
    expect(await thrown(azure.list('Production'))).toMatchObject({ class: 'transient', retryAfterSeconds: 30 });
    expect(azure.secondsWaited()).toBe(120);
  });

  test('one connection does not wait for the quota of another', async () => {
    const usedUp = { 'x-ms-user-quota-remaining': '0', 'x-ms-user-quota-resets-after': '00:00:30' };
    await azure.cloud.fault({ endpoint: GRAPH }, { kind: 'alter', headers: usedUp });
    await azure.list('Production');
    const request = { list: 'resources', kinds: ['volume'], projectId: azure.ids['Production'] ?? '' };
    await azure.lister.list(azure.context({ connectionId: 'con-other' }), request);
    expect(azure.secondsWaited()).toBe(0);
    await azure.list('Production');
    expect(azure.secondsWaited()).toBe(30);
  });
});
