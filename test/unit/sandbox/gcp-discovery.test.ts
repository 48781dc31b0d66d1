import { beforeEach, describe, expect, test } from 'vitest';

import { listerForTest, web, type ListerOnSandbox } from '../../contract/gcp-discovery/on-sandbox.ts';

describe('resources of the simulated Google Cloud', () => {
  let on: ListerOnSandbox;
  beforeEach(async () => {
    on = await listerForTest();
  });

  const get = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const authorization = `Bearer ${on.token}`;
    const response = await fetch(`${on.url}/gcp/services${path}`, { headers: { authorization, ...headers } });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const search = `/cloudasset/v1/projects/${web}:searchAllResources`;

  test('a page token is good for the parameters that it was given out for, and for no others', async () => {
    const first = await get(`${search}?pageSize=5`);
    const token = first.body['nextPageToken'] as string;
    expect((await get(`${search}?pageSize=5&pageToken=${token}`)).status).toBe(200);
    expect(await get(`${search}?pageSize=6&pageToken=${token}`)).toMatchObject({
      status: 400,
      body: { error: { status: 'INVALID_ARGUMENT' } },
    });
  });

  test('a page has 500 resources at most, and 20,000 come in 40 pages', async () => {
    await on.cloud.gcp.resize('lindqvist-lab', { instance: 20_000, disk: 0, network: 0 });
    const path = '/cloudasset/v1/projects/lindqvist-lab:searchAllResources?pageSize=1000&readMask=name';
    const names = new Set<string>();
    let pages = 0;
    for (let token: string | undefined = ''; token !== undefined; pages += 1) {
      const { body } = await get(`${path}${token === '' ? '' : `&pageToken=${token}`}`);
      for (const { name } of body['results'] as { name: string }[]) names.add(name);
      token = body['nextPageToken'] as string | undefined;
    }
    expect([pages, names.size]).toEqual([40, 20_000]);
  });

  test('the fields of a search are those that it asks for', async () => {
    const { body } = await get(`${search}?pageSize=1&readMask=name,labels`);
    expect(Object.keys((body['results'] as object[])[0] ?? {})).toEqual(['name', 'labels']);
    expect(JSON.stringify(await get(search))).toContain('hunter2');
  });

  test('an asset type that does not exist is an error', async () => {
    expect((await get(`${search}?assetTypes=compute.googleapis.com/Toaster`)).status).toBe(400);
  });

  test('a call is refused for the project that it is counted for, where the caller may not use it', async () => {
    const counted = { 'x-goog-user-project': 'okafor-shop' };
    expect(await get(search, counted)).toMatchObject({
      status: 403,
      body: { error: { details: [{ reason: 'USER_PROJECT_DENIED' }] } },
    });
  });

  test('Cloud Run lists one location at a time', async () => {
    expect((await get(`/run/v2/projects/${web}/locations/-/services`)).status).toBe(400);
    expect((await get(`/run/v2/projects/${web}/locations/europe-west1/services`)).status).toBe(200);
  });

  test('one resource is read at its own service, for those who may read it', async () => {
    const path = `/compute/compute/v1/projects/${web}/zones/us-central1-a/instances/instance-1`;
    expect(await get(path)).toMatchObject({ status: 200, body: { name: 'instance-1' } });
    expect((await get(path.replace('instance-1', 'instance-999'))).status).toBe(404);
    await on.cloud.gcp.deny('ada@lindqvist.example', ['compute.instances.get']);
    expect((await get(path)).status).toBe(403);
    expect((await get(path.replace('instance-1', 'instance-999'))).status).toBe(403);
  });

  test('what a customer makes, changes and deletes is seen at once', async () => {
    const { gcp } = on.cloud;
    await gcp.addProject({ projectId: 'lindqvist-new' });
    await gcp.grant('ada@lindqvist.example', ['lindqvist-new']);
    await gcp.put('lindqvist-new', 'instance', 'mine', { location: 'europe-west1-b', labels: { team: 'a' } });
    await gcp.put('lindqvist-new', 'instance', 'mine', { state: 'TERMINATED' });
    expect(await gcp.resources('lindqvist-new', 'instance')).toMatchObject([
      { name: 'mine', location: 'europe-west1-b', labels: { team: 'a' }, state: 'TERMINATED' },
    ]);
    const listed = async () => await get('/compute/compute/v1/projects/lindqvist-new/aggregated/instances');
    expect((await listed()).body['items']).toHaveProperty(
      ['zones/europe-west1-b', 'instances', 0, 'status'],
      'TERMINATED',
    );
    await gcp.remove('lindqvist-new', 'instance', 'mine');
    expect(JSON.stringify(await listed())).not.toContain('mine');
    await gcp.removeProject('lindqvist-new');
    const { projects } = await gcp.inventory();
    expect(projects.find(({ projectId }) => projectId === 'lindqvist-new')?.state).toBe('DELETE_REQUESTED');
  });
});
