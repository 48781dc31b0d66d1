import { describe, expect, test } from 'vitest';

import { kindIn, listerForTest, lossesIn, mooringAccount, rowsIn, troubledKinds, web } from './on-sandbox.ts';

const everywhere = (service: string) => [`client/${service}`, `${web}/${service}`];
const assetOff = everywhere('cloudasset.googleapis.com');

describe('resources of Google Cloud', () => {
  test('all kinds of a project come with one search of Cloud Asset, over more than 500 rows', async () => {
    const { cloud, list, requests } = await listerForTest();
    await cloud.gcp.resize(web, { instance: 1_100 });
    const listing = await list();
    expect(listing).toMatchObject({ source: 'asset', notice: null });
    expect(troubledKinds(listing)).toEqual([]);
    expect(rowsIn(listing, 'instance')).toHaveLength(1_100);
    const ways = new Set(requests.map(({ url }) => url.pathname));
    expect([...ways]).toEqual([`/gcp/services/cloudasset/v1/projects/${web}:searchAllResources`]);
    expect(requests).toHaveLength(3);
    // A description may have a megabyte, and attributes hold whatever a service puts there.
    expect(requests[0]?.url.searchParams.get('readMask')).not.toMatch(/^$|description|additionalAttributes|\*/);
    expect(requests[0]?.url.searchParams.has('readMask')).toBe(true);
  });

  test('a row is the same whether Cloud Asset or the service gave it, but for what only the service says', async () => {
    const { cloud, list } = await listerForTest();
    const byAsset = rowsIn(await list());
    await cloud.change({ gcp: { disabledServices: assetOff } });
    const listing = await list();
    expect(listing.source).toBe('services');
    expect(troubledKinds(listing)).toEqual([]);
    const common = (rows: typeof byAsset) =>
      rows
        .map((row) => ({ ...row, source: null, url: null, summary: null }))
        .toSorted((one, other) => (one.key < other.key ? -1 : 1));
    expect(common(rowsIn(listing))).toEqual(common(byAsset));
    expect(byAsset.length).toBeGreaterThan(50);
  });

  test('a row has its place, its time, its labels and its page in the console, and no secret', async () => {
    const { list } = await listerForTest();
    const [first] = rowsIn(await list(), 'instance');
    expect(first).toEqual({
      key: `compute.googleapis.com/projects/${web}/zones/us-central1-a/instances/instance-1`,
      id: `compute.googleapis.com/projects/${web}/zones/us-central1-a/instances/instance-1`,
      kind: 'instance',
      project: web,
      name: 'instance-1',
      region: 'us-central1',
      zone: 'us-central1-a',
      status: 'running',
      createdAt: '2024-09-01T00:00:00.000Z',
      tags: { db_password: '[redacted]', env: 'production' },
      nativeType: 'compute.googleapis.com/Instance',
      url: null,
      consoleUrl: expect.stringMatching(
        /\/compute\/instancesDetail\/zones\/us-central1-a\/instances\/instance-1\?project=lindqvist-web$/,
      ) as string,
      source: 'asset',
      summary: {},
    });
  });

  test('what hides in the answers of the services is in no row, no loss and no notice', async () => {
    const { cloud, list } = await listerForTest();
    await cloud.change({ gcp: { disabledServices: assetOff } });
    const text = JSON.stringify(await list());
    for (const secret of (await cloud.issued('gcp'))['inventorySecret'] ?? []) expect(text).not.toContain(secret);
    expect(text).toContain('"machineType":"e2-medium"');
  });

  test('a list of no kinds asks for nothing, because a search without types would be one for everything', async () => {
    const { list, requests } = await listerForTest();
    expect(await list(web, [])).toMatchObject({ kinds: [] });
    expect(requests).toEqual([]);
  });

  test('a list of some kinds asks Cloud Asset for their types alone', async () => {
    const { list, requests } = await listerForTest();
    const listing = await list(web, ['volume']);
    expect(listing.kinds.map(({ kind }) => kind)).toEqual(['volume']);
    expect(requests[0]?.url.searchParams.getAll('assetTypes')).toEqual([
      'compute.googleapis.com/Disk',
      'compute.googleapis.com/RegionDisk',
    ]);
  });

  test('a service account lists by its own key, and its project pays', async () => {
    const { list, requests } = await listerForTest({ method: 'service_account' });
    const listing = await list('lindqvist-data');
    expect(listing.source).toBe('asset');
    expect(troubledKinds(listing)).toEqual([]);
    expect(rowsIn(listing, 'instance')).toHaveLength(3);
    expect(requests[0]?.quotaProject).toBe('lindqvist-data');
  });
});

describe('a right that is missing', () => {
  test('where the right to search Cloud Asset is missing the services are asked, and the operator reads why', async () => {
    const { cloud, list } = await listerForTest();
    await cloud.gcp.deny('ada@lindqvist.example', ['cloudasset.assets.searchAllResources']);
    const listing = await list();
    expect(troubledKinds(listing)).toEqual([]);
    expect(listing.source).toBe('services');
    expect(listing.notice?.code).toBe('asset_list_denied');
    expect(listing.notice?.remedy).toContain('roles/cloudasset.viewer');
  });

  test('a right that is missing at one service fails that kind alone, with the right and the role to grant', async () => {
    const { cloud, list } = await listerForTest({ method: 'service_account' });
    const missing = ['cloudasset.assets.searchAllResources', 'compute.disks.list', 'run.services.list'];
    await cloud.gcp.deny(mooringAccount, missing);
    const listing = await list();
    expect(troubledKinds(listing)).toEqual(['container_service', 'volume']);
    expect(kindIn(listing, 'volume')).toMatchObject({
      outcome: 'failed',
      failure: { class: 'user', problem: { code: 'list_denied' }, denied: { action: 'compute.disks.list' } },
    });
    expect(lossesIn(listing, 'volume')[0]?.problem.remedy).toContain(
      `--member="serviceAccount:${mooringAccount}" --role=roles/compute.viewer`,
    );
    expect(lossesIn(listing, 'container_service')[0]?.denied).toEqual({ action: 'run.services.list' });
  });

  test('a right is told as missing also where the service does not name it', async () => {
    const { cloud, list } = await listerForTest();
    const missing = ['cloudasset.assets.searchAllResources', 'cloudsql.instances.list'];
    await cloud.gcp.deny('ada@lindqvist.example', missing);
    const [loss, ...others] = lossesIn(await list(), 'database');
    expect(others).toEqual([]);
    expect(loss).toMatchObject({ path: 'Cloud SQL', class: 'user', denied: { action: null } });
  });
});

describe('a role on the whole project that was lost', () => {
  test('a project whose role was lost fails every kind, so that nothing of it counts as gone', async () => {
    const { cloud, list } = await listerForTest();
    await cloud.gcp.grant('ada@lindqvist.example', ['lindqvist-data']);
    const listing = await list();
    expect(listing.kinds.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 10 }, () => 'failed'));
    for (const { kind } of listing.kinds) {
      expect(lossesIn(listing, kind)).toMatchObject([{ class: 'user', problem: { code: 'list_denied' } }]);
      expect(lossesIn(listing, kind)[0]?.denied).not.toBeNull();
    }
  });
});

describe('the read-only sign-in', () => {
  test('the read-only sign-in lists all kinds but those that its manifest says it cannot list', async () => {
    const { lister, list } = await listerForTest({ method: 'authorization_code_readonly' });
    const listing = await list();
    const { manifest } = await import('../../../providers/gcp/manifest.ts');
    const { cannotList = {} } = manifest.methods.find(({ id }) => id === 'authorization_code_readonly') ?? {};
    expect(troubledKinds(listing).toSorted()).toEqual(Object.keys(cannotList).toSorted());
    expect(lister.manifest.kinds.map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(cannotList)));
    for (const kind of Object.keys(cannotList)) {
      expect(kindIn(listing, kind)).toMatchObject({
        outcome: 'failed',
        failure: { class: 'user', problem: { code: 'sign_in_cannot_list' } },
      });
    }
    expect(rowsIn(listing, 'instance')).toHaveLength(12);
  });
});
