import { describe, expect, test } from 'vitest';

import { kindIn, listerForTest, lossesIn, rowsIn, troubledKinds, web, type ListerOptions } from './on-sandbox.ts';

const assetOff = ['client/cloudasset.googleapis.com', `${web}/cloudasset.googleapis.com`];

async function byServices(options?: ListerOptions) {
  const started = await listerForTest(options);
  await started.cloud.change({ gcp: { disabledServices: assetOff } });
  return started;
}

describe('an answer that is not whole, with HTTP 200', () => {
  test('a place that did not answer is a loss of each kind, although the answer is HTTP 200, and the rest is kept', async () => {
    const { cloud, list } = await byServices();
    await cloud.change({ gcp: { disabledServices: assetOff, unreachableLocations: ['europe-west1'] } });
    const listing = await list();
    for (const kind of ['kubernetes', 'database', 'function', 'load_balancer', 'object_storage']) {
      const losses = lossesIn(listing, kind);
      expect([kind, losses.length > 0]).toEqual([kind, true]);
      expect(losses.every((loss) => loss.class === 'transient' && loss.problem.code === 'part_unreachable')).toBe(true);
      expect(losses.map(({ path }) => path).join()).toContain('europe-west1');
      expect(kindIn(listing, kind).outcome).toBe('listed');
    }
    expect(rowsIn(listing, 'function').map(({ region }) => region)).not.toContain('europe-west1');
  });

  test('an empty zone of Compute Engine, which warns that it has no results, is no loss', async () => {
    const { list } = await byServices();
    const listing = await list();
    expect(lossesIn(listing, 'instance')).toEqual([]);
    expect(rowsIn(listing, 'instance')).toHaveLength(12);
  });
});

describe('an answer of HTTP 200 that is no list', () => {
  test.for([
    ['private_network', 'compute.networks.list', {}],
    ['object_storage', 'storage.buckets.list', {}],
    ['kubernetes', 'container.projects.locations.clusters.list', { message: 'Nothing here.' }],
    ['function', 'cloudfunctions.projects.locations.functions.list', 'Nothing here.'],
    ['database', 'sql.instances.list', null],
  ] as const)('an answer without the rows of %s is a problem, and no empty list', async ([kind, endpoint, body]) => {
    const { cloud, list } = await byServices();
    await cloud.fault({ endpoint }, { kind: 'respond', status: 200, body }, null);
    const listing = await list();
    expect(troubledKinds(listing)).toEqual([kind]);
    expect(lossesIn(listing, kind)).toMatchObject([{ class: 'transient' }]);
  });
});

describe('a location that refuses everybody', () => {
  test('a location that refuses everybody is a loss of that location alone, and no right that is missing', async () => {
    const { cloud, list } = await byServices();
    await cloud.change({ gcp: { disabledServices: assetOff, refusedLocations: ['me-central2'] } });
    const listing = await list();
    expect(troubledKinds(listing)).toEqual(['container_service', 'registry']);
    expect(lossesIn(listing, 'registry')).toMatchObject([
      { path: 'me-central2', class: 'user', denied: null, problem: { code: 'location_refused' } },
    ]);
    expect(rowsIn(listing, 'registry')).toHaveLength(2);
    expect(rowsIn(listing, 'container_service')).toHaveLength(4);
  });
});

describe('a list that breaks off', () => {
  test('a list that breaks off keeps the pages before the one that failed, and is tried again', async () => {
    const { cloud, list } = await listerForTest();
    await cloud.change({ gcp: { resourcesPageSize: 20 } });
    const first = await list(web, ['instance']);
    expect(troubledKinds(first)).toEqual([]);
    await cloud.fault({ endpoint: 'cloudasset.*', path: 'pageToken' }, { kind: 'respond', status: 503 }, null);
    const listing = await list();
    expect(rowsIn(listing, 'instance').length).toBeGreaterThan(0);
    for (const { kind } of listing.kinds) expect(lossesIn(listing, kind)).toMatchObject([{ class: 'transient' }]);
  });

  test('a service that fails does not fail the kinds of others', async () => {
    const { cloud, list } = await byServices();
    await cloud.fault({ endpoint: 'spanner.*' }, { kind: 'respond', status: 500 }, null);
    await cloud.fault({ endpoint: 'container.*' }, { kind: 'respond', status: 500 }, null);
    const listing = await list();
    expect(troubledKinds(listing).toSorted()).toEqual(['database', 'kubernetes']);
    expect(kindIn(listing, 'kubernetes')).toMatchObject({ outcome: 'failed', failure: { class: 'transient' } });
    expect(lossesIn(listing, 'database')).toMatchObject([{ path: 'Spanner', class: 'transient' }]);
  });
});

describe('HTTP 429', () => {
  test('after HTTP 429 a list waits as long as Google asks, and is then complete', async () => {
    const { cloud, list, pauses } = await listerForTest();
    const limited = {
      status: 429,
      headers: { 'retry-after': '9' },
      body: { error: { code: 429, message: 'Slower.' } },
    };
    await cloud.fault({ endpoint: 'cloudasset.*' }, { kind: 'respond', ...limited }, 2);
    expect(troubledKinds(await list())).toEqual([]);
    expect(pauses).toEqual([9_000, 9_000]);
  });

  test('HTTP 429 that goes on ends the list as transient after a minute of waiting, and no other service is asked', async () => {
    const { cloud, list, pauses, requests } = await listerForTest();
    await cloud.fault({ endpoint: 'cloudasset.*' }, { kind: 'respond', status: 429, body: {} }, null);
    await expect(list()).rejects.toMatchObject({ class: 'transient', problem: { code: 'cloud_rate_limited' } });
    expect(pauses.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(60_000);
    expect(requests.every(({ url }) => url.pathname.includes('cloudasset'))).toBe(true);
  });

  test('HTTP 403 that asks for fewer requests is waited for, and is no right that is missing', async () => {
    const { cloud, list, pauses } = await byServices();
    const errors = [{ reason: 'rateLimitExceeded' }];
    const limited = { status: 403, body: { error: { code: 403, message: 'Rate Limit Exceeded', errors } } };
    await cloud.fault({ endpoint: 'compute.instances.*' }, { kind: 'respond', ...limited }, 1);
    expect(troubledKinds(await list())).toEqual([]);
    expect(pauses).toEqual([1_000]);
  });
});
