import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startOvh, type OvhUnderTest } from './ovh-under-test.ts';

let ovh: OvhUnderTest;
let accessToken: string;
let project: string;
beforeAll(async () => void (ovh = await startOvh()));
beforeEach(async () => {
  await ovh.cloud.reset();
  project = (await ovh.cloud.ovh.projects())[0]?.id ?? '';
  accessToken = (await ovh.signIn()).accessToken;
});
afterAll(() => ovh.close());

const get = async <T>(path: string, token = accessToken): Promise<T> => {
  const { status, body } = await ovh.api(path, token);
  expect(status, path).toBe(200);
  return body as T;
};

describe('an account', () => {
  test('an account sees only its own projects', async () => {
    const { accessToken: other } = await ovh.signIn('ob67890-ovh');
    const [mine, theirs] = [await get<string[]>('/cloud/project'), await get<string[]>('/cloud/project', other)];
    expect(mine).toHaveLength(3);
    expect(theirs).toHaveLength(2);
    expect(mine.filter((id) => theirs.includes(id))).toEqual([]);
    const missing = { status: 404, body: { class: 'Client::NotFound', message: 'This service does not exist' } };
    for (const path of ['', '/instance', '/region/GRA11/storage']) {
      expect(await ovh.api(`/cloud/project/${project}${path}`, other)).toEqual(missing);
    }
  });

  test('an account without resources gets empty lists', async () => {
    const { accessToken: empty } = await ovh.signIn('mc24680-ovh');
    for (const path of ['/cloud/project', '/dedicated/server', '/vps', '/ip', '/vrack']) {
      expect(await get(path, empty)).toEqual([]);
    }
  });

  test('a request for the resources of an account needs a valid token', async () => {
    const refused = { status: 401, body: { class: 'Client::Unauthorized', message: 'You must login first' } };
    for (const path of ['/cloud/project', `/cloud/project/${project}/kube`, '/vps']) {
      expect(await ovh.api(path)).toEqual(refused);
    }
    ovh.clock.advance(3600);
    expect(await ovh.api('/cloud/project', accessToken)).toEqual(refused);
  });

  test('an account without an IAM action is refused only what it covers, and the error names the action', async () => {
    await ovh.cloud.ovh.deny('la12345-ovh', ['publicCloudProject:apiovh:kube/get']);
    expect(await ovh.api(`/cloud/project/${project}/kube`, accessToken)).toEqual({
      status: 403,
      body: {
        class: 'Client::Forbidden',
        message: 'User not granted for this request',
        details: { unauthorizedActionsByIAM: 'publicCloudProject:apiovh:kube/get' },
      },
    });
    await get(`/cloud/project/${project}/instance`);
    const { accessToken: other } = await ovh.signIn('ob67890-ovh');
    const [theirs] = await get<string[]>('/cloud/project', other);
    await get(`/cloud/project/${theirs}/kube`, other);
    await ovh.cloud.ovh.deny('la12345-ovh', []);
    await get(`/cloud/project/${project}/kube`);
  });
});

describe('generated resources', () => {
  test('every ID in a list has a detail, which is the same at each request', async () => {
    const lists = ['kube', 'database/service', 'loadbalancer', 'region'].map(
      (path) => `/cloud/project/${project}/${path}`,
    );
    for (const list of [...lists, '/cloud/project', '/dedicated/server', '/vps', '/ip', '/vrack']) {
      const ids = await get<string[]>(list);
      expect(ids.length, list).toBeGreaterThan(0);
      for (const id of ids) {
        const path = `${list}/${encodeURIComponent(id)}`;
        const row = await get<object>(path);
        expect(Object.values(row), path).toContain(id);
        expect(await get(path)).toEqual(row);
      }
    }
  });

  test('generated resources are the same in another sandbox, so that a test may name them', async () => {
    const other = await startOvh();
    try {
      for (const kind of ['instance', 'network', 's3'] as const) {
        expect(await other.cloud.ovh.rows(project, kind)).toEqual(await ovh.cloud.ovh.rows(project, kind));
      }
    } finally {
      await other.close();
    }
  });

  test('generated instances have different IDs in each project', async () => {
    const projects = await ovh.cloud.ovh.projects();
    const ids = (await Promise.all(projects.map(({ id }) => ovh.cloud.ovh.rows(id, 'instance')))).flat();
    expect(new Set(ids.map((row) => row['id'])).size).toBe(ids.length);
  });

  test('the rescue password of an instance is shown only in its detail, and is listed as an issued secret', async () => {
    const list = await get<{ id: string; status: string }[]>(`/cloud/project/${project}/instance`);
    const rescued = list.find(({ status }) => status === 'RESCUE');
    expect(rescued).not.toHaveProperty('rescuePassword');
    const { rescuePassword } = await get<{ rescuePassword: string }>(
      `/cloud/project/${project}/instance/${rescued?.id}`,
    );
    expect(rescuePassword).toMatch(/^rescue-/);
    expect((await ovh.cloud.issued())['rescuePassword']).toContain(rescuePassword);
  });

  test('a bucket has a detail below its own region alone', async () => {
    const [bucket] = (await ovh.cloud.ovh.rows(project, 's3')) as { name: string; region: string }[];
    const other = bucket?.region === 'GRA11' ? 'SBG5' : 'GRA11';
    const at = (region: string) => `/cloud/project/${project}/region/${region}/storage/${bucket?.name}`;
    expect(await get(at(bucket?.region ?? ''))).toEqual(bucket);
    expect(await ovh.api(at(other), accessToken)).toMatchObject({ status: 404 });
  });

  test('every bucket is listed in one region, and none in a region without object storage', async () => {
    const regions = await get<string[]>(`/cloud/project/${project}/region`);
    const found = await Promise.all(
      regions.map((region) => get<{ name: string }[]>(`/cloud/project/${project}/region/${region}/storage`)),
    );
    expect(found.flat()).toHaveLength((await ovh.cloud.ovh.rows(project, 's3')).length);
    const local = regions.indexOf('EU-WEST-LZ-MRS-A');
    expect(found[local]).toEqual([]);
  });
});

test('a credential has so many requests a minute, is told how long to wait, and others have as many', async () => {
  await ovh.cloud.change({ ovh: { requestsPerMinute: 2 } });
  ovh.clock.advance(60 - (Math.floor(ovh.clock.now() / 1000) % 60));
  await get('/vps');
  await get('/vps');
  ovh.clock.advance(20);
  const response = await fetch(`${ovh.environment['OVH_EU_API_URL']}/vps`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '40']);
  const { accessToken: other } = await ovh.signIn('ob67890-ovh');
  await get('/vps', other);
  ovh.clock.advance(40);
  await get('/vps');
});

describe('latency', () => {
  test('latency of a group of endpoints delays concurrent requests in parallel, and no other endpoint', async () => {
    await ovh.cloud.change({ core: { latencyMs: { 'cloud.*': 100_000, 'cloud.kube.*': 200 } } });
    const before = performance.now();
    const paths = Array.from({ length: 50 }, () => `/cloud/project/${project}/kube`);
    await Promise.all([...paths, '/vps'].map((path) => get(path)));
    const took = performance.now() - before;
    expect(took).toBeGreaterThanOrEqual(195);
    // One after the other would be 10 s.
    expect(took).toBeLessThan(5000);
  });
});
