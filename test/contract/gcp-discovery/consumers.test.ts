import { describe, expect, test } from 'vitest';

import { kindIn, listerForTest, lossesIn, rowsIn, troubledKinds, web, webNumber } from './on-sandbox.ts';

const asset = 'cloudasset.googleapis.com';
const use = 'serviceusage.services.use';

describe('the project that a search is counted for', () => {
  test('a search is counted for the listed project', async () => {
    const { list, requests } = await listerForTest();
    expect((await list()).source).toBe('asset');
    expect(requests.map(({ quotaProject }) => quotaProject)).toEqual([web]);
  });

  test('a search is counted for the project of GCP_QUOTA_PROJECT where that is given', async () => {
    const { list, requests } = await listerForTest({ environment: { GCP_QUOTA_PROJECT: 'lindqvist-data' } });
    expect((await list()).source).toBe('asset');
    expect(requests.map(({ quotaProject }) => quotaProject)).toEqual(['lindqvist-data']);
  });

  test('a search is counted for the project of the OAuth client where the account may not use the listed one', async () => {
    const { cloud, list, requests } = await listerForTest();
    await cloud.gcp.deny('ada@lindqvist.example', [use]);
    expect(await list()).toMatchObject({ source: 'asset', notice: null });
    expect(requests.map(({ quotaProject }) => quotaProject)).toEqual([web, null]);
  });

  test('a search is counted for the project of the OAuth client where Cloud Asset is not enabled in the listed one', async () => {
    const { cloud, list, requests } = await listerForTest();
    await cloud.change({ gcp: { disabledServices: [`${web}/${asset}`] } });
    expect(await list()).toMatchObject({ source: 'asset', notice: null });
    expect(requests.map(({ quotaProject }) => quotaProject)).toEqual([web, null]);
  });

  test('all pages of a search are counted for the same project', async () => {
    const { cloud, list, requests } = await listerForTest();
    await cloud.change({ gcp: { disabledServices: [`${web}/${asset}`], resourcesPageSize: 20 } });
    expect(troubledKinds(await list())).toEqual([]);
    expect(requests.length).toBeGreaterThan(3);
    expect(requests.slice(1).every(({ quotaProject }) => quotaProject === null)).toBe(true);
  });
});

describe('an API that is not enabled', () => {
  test('an API that is not enabled in the listed project makes its kind empty and complete', async () => {
    const { cloud, list, requests } = await listerForTest();
    await cloud.change({
      gcp: {
        disabledServices: [`${web}/${asset}`, `client/${asset}`, `${web}/run.googleapis.com`],
      },
    });
    const listing = await list();
    expect(kindIn(listing, 'container_service')).toMatchObject({ outcome: 'listed', rows: [], losses: [] });
    expect(requests.filter(({ url }) => url.pathname.includes('/run/'))).toHaveLength(1);
    expect(troubledKinds(listing)).toEqual([]);
  });

  test('a Cloud SQL API that is not enabled proves nothing, because instances go on without it', async () => {
    const { cloud, list } = await listerForTest();
    await cloud.change({
      gcp: { disabledServices: [`${web}/${asset}`, `client/${asset}`, `${web}/sqladmin.googleapis.com`] },
    });
    const listing = await list();
    expect(rowsIn(listing, 'database').map(({ nativeType }) => nativeType)).toEqual([
      'spanner.googleapis.com/Instance',
      'alloydb.googleapis.com/Cluster',
    ]);
    expect(lossesIn(listing, 'database')).toMatchObject([
      { path: 'Cloud SQL', class: 'user', denied: null, problem: { code: 'api_disabled' } },
    ]);
    expect(lossesIn(listing, 'database')[0]?.problem.link).toContain(`?project=${webNumber}`);
  });

  test('an API that is not enabled in the project of the OAuth client is told as the operator’s to enable', async () => {
    const { cloud, lister, context } = await listerForTest();
    await cloud.change({ gcp: { resourceManagerEnabled: false } });
    await expect(lister.listProjects(context())).rejects.toMatchObject({
      class: 'config',
      problem: { code: 'api_disabled', message: expect.stringContaining('909090909099') as string },
    });
  });

  test('a Cloud Asset API that is enabled nowhere is told to the operator, while the services answer everything', async () => {
    const { cloud, list } = await listerForTest();
    await cloud.change({ gcp: { disabledServices: [`${web}/${asset}`, `client/${asset}`] } });
    const listing = await list();
    expect(troubledKinds(listing)).toEqual([]);
    expect(listing.notice).toMatchObject({
      code: 'asset_api_disabled',
      message: expect.stringContaining('909090909099') as string,
    });
  });
});
