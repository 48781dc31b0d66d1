import { beforeAll, describe, expect, test } from 'vitest';
import type { ListContext, ResourceLister } from '../../../providers/listing/lister.ts';
import { discovery } from '../../../providers/ovh/manifest/discovery.ts';
import { contextAt, keysRecord, listedBy, listedIn, type ListedKind } from './lister-harness.ts';
import { useListerWorld } from './lister-world.ts';
import { bigWorld, projectId, recordedWorld, type World } from './recorded-world.ts';
import { type Fault, type FaultAt } from './world-api.ts';

const ovh = useListerWorld();
const start = async (faultAt?: FaultAt, world?: World) => await ovh.start(faultAt, world && { world });
const at =
  (path: RegExp, fault: Fault): FaultAt =>
  (asked) =>
    path.test(asked) ? fault : undefined;

const missingAction: Fault = {
  status: 403,
  body: {
    class: 'Client::Forbidden',
    message: 'User not granted for this request',
    details: { unauthorizedActionsByIAM: 'publicCloudProject:apiovh:region/storage/get' },
  },
};
const expired: Fault = { status: 401, body: { class: 'Client::Unauthorized', message: 'You must login first' } };
const volumes = `/cloud/project/${projectId}/volume`;
const second = '00000002-1111-4222-8333-000000000002';

/** The same guarantees hold for lists by the program and over REST. */
describe.each([['cli'], ['rest']] as const)('a list by %s', (source) => {
  let lister: ResourceLister;
  beforeAll(() => {
    lister = ovh.lister(source);
  });
  const listed = async (context: ListContext, kind: string): Promise<ListedKind> =>
    await listedBy(lister, context, kind, projectId);

  test('a complete list is marked as complete, and with its source', async () => {
    const listing = listedIn(await lister.listProjects(await start()));
    expect(listing).toMatchObject({ complete: true, losses: [], source });
    expect(listing.rows.map(({ id }) => id)).toEqual([projectId, 'ffeeddccbbaa99887766554433221100']);
  });

  test('the access token is the only credential that is sent', async () => {
    await listed(await start(), 'instance');
    expect(ovh.api.authorizations).toEqual(new Set(['Bearer at-0123456789']));
  });

  test('requests with API credentials are signed, and the time is requested once', async () => {
    await start();
    const listing = await listed(contextAt(ovh.api.endpoint, keysRecord), 'instance');
    expect(listing.rows).toHaveLength(2);
    expect(ovh.api.paths.filter((path) => path === '/auth/time')).toHaveLength(1);
    expect(ovh.api.authorizations).toContain('signed');
  });

  test.each<[string, Fault, string]>([
    ['is refused', missingAction, 'list_denied'],
    ['fails', { status: 500 }, 'cloud_unavailable'],
    ['is dropped', 'drop', 'cloud_unreachable'],
  ])('a detail request that %s loses only its own row, and the loss names the request', async (_what, fault, code) => {
    const listing = await listed(await start(at(new RegExp(second), fault)), 'instance');
    expect(listing.rows.map(({ name }) => name)).toEqual(['web-1']);
    expect(listing.complete).toBe(false);
    expect(listing.losses.map(({ path, problem }) => [path, problem.code])).toEqual([
      [`/cloud/project/${projectId}/instance/${second}`, code],
    ]);
  });

  test('a region that fails loses only its own buckets, and the loss names the missing action', async () => {
    const listing = await listed(await start(at(/GRA11\/storage$/, missingAction)), 'object_storage_s3');
    expect(listing.rows.map(({ name }) => name)).toEqual(['bucket-sbg5-1', 'bucket-eu-west-par-1']);
    expect(listing.complete).toBe(false);
    expect(listing.losses[0]?.path).toBe(`/cloud/project/${projectId}/region/GRA11/storage`);
    expect(listing.losses[0]?.problem.message).toContain('publicCloudProject:apiovh:region/storage/get');
  });

  test('a row says when the resource was made and what it is called at OVHcloud, and leads to its page there', async () => {
    const { rows } = await listed(await start(), 'kubernetes');
    expect(rows[0]).toMatchObject({
      createdAt: '2025-06-01T10:00:00.000Z',
      nativeType: 'ovh:cloud/kube',
      project: projectId,
      source,
    });
    expect(rows[0]?.consoleUrl).toBe(
      `https://www.ovh.com/manager/#/public-cloud/pci/projects/${projectId}/kubernetes/${rows[0]?.id}/service`,
    );
  });

  test('a list of buckets is incomplete, not empty, where every region fails', async () => {
    const listing = await listed(await start(at(/\/storage$/, { status: 500 })), 'object_storage_s3');
    expect(listing).toMatchObject({ rows: [], complete: false });
    expect(listing.losses).toHaveLength(3);
  });

  test('an empty list is complete', async () => {
    const listing = await listed(await start(at(/\/kube$/, { status: 200, body: [] })), 'kubernetes');
    expect(listing).toMatchObject({ rows: [], complete: true });
  });

  test('all pages of a list are read', async () => {
    const page: FaultAt = (path, headers) => {
      if (path !== '/dedicated/server') return undefined;
      if (headers['x-pagination-cursor'] === 'two') return { status: 200, body: ['srv1', 'srv2'] };
      return { status: 200, body: ['srv0'], headers: { 'X-Pagination-Cursor-Next': 'two' } };
    };
    const listing = await listedBy(lister, await start(page, bigWorld), 'dedicated_server', null);
    expect(listing.rows.map(({ id }) => id)).toEqual(['srv0', 'srv1', 'srv2']);
  });

  test('a list of several megabytes arrives complete', async () => {
    const [first] = recordedWorld.get(volumes) as [object];
    const many = Array.from({ length: 5_000 }, (_, index) => ({ ...first, id: `v-${index}` }));
    const listing = await listed(await start(undefined, new Map([[volumes, many]])), 'volume');
    expect(listing).toMatchObject({ complete: true });
    expect(listing.rows).toHaveLength(5_000);
  });

  test('at most ten requests are in flight at once', async () => {
    const listing = await listedBy(lister, await start(undefined, bigWorld), 'dedicated_server', null);
    expect(listing.rows.map(({ id }) => id)).toEqual(Array.from({ length: 45 }, (_, index) => `srv${index}`));
    expect(ovh.api.mostAtOnce).toBeGreaterThan(1);
    expect(ovh.api.mostAtOnce).toBeLessThanOrEqual(10);
  });

  test.each<[string, Fault, object]>([
    ['404', { status: 404, body: { message: 'This service does not exist' } }, { class: 'user' }],
    ['503', { status: 503 }, { class: 'transient', problem: { code: 'cloud_unavailable' } }],
    ['a dropped connection', 'drop', { class: 'transient', problem: { code: 'cloud_unreachable' } }],
  ])('%s for the list itself is an error of the right class, after a single request', async (_what, fault, error) => {
    const context = await start(at(/\/instance$/, fault));
    await expect(listed(context, 'instance')).rejects.toMatchObject({ name: 'ProviderError', ...error });
    expect(ovh.api.paths).toHaveLength(1);
  });

  test('a token that expires halfway through a list is an error, so that no partial list replaces a refresh', async () => {
    const context = await start(at(new RegExp(`${second}|/auth/details`), expired));
    await expect(listed(context, 'instance')).rejects.toMatchObject({ problem: { code: 'credential_rejected' } });
  });

  test('an aborted list rejects with the reason of the abort', async () => {
    const controller = new AbortController();
    const context = await start((path) => {
      if (!path.endsWith('/kube')) return undefined;
      controller.abort(new Error('the discovery was cancelled'));
      return 'hang';
    });
    await expect(listed({ ...context, signal: controller.signal }, 'kubernetes')).rejects.toThrow(
      'the discovery was cancelled',
    );
  });

  test.each([['--debug'], ['../../me'], [''], [null]])(
    'a project named %j is refused before any request',
    async (id) => {
      await expect(listedBy(lister, await start(), 'instance', id)).rejects.toMatchObject({
        problem: { code: 'project_invalid' },
      });
      expect(ovh.api.paths).toEqual([]);
    },
  );
});

describe('a list by cli and by rest', () => {
  test.each(discovery.kinds.filter(({ id }) => id !== 'project').map(({ id }) => [id] as const))(
    'the program and REST make the same requests and give the same rows: %s',
    async (kind) => {
      const project = discovery.kinds.find(({ id }) => id === kind)?.scope === 'project' ? projectId : null;
      const [byProgram, byRest] = [ovh.lister('cli'), ovh.lister('rest')];
      const context = await start();

      const first = await listedBy(byProgram, context, kind, project);
      const asked = ovh.api.paths.length;
      const secondListing = await listedBy(byRest, context, kind, project);

      expect(first.rows.length).toBeGreaterThan(0);
      expect(secondListing.rows).toEqual(first.rows.map((row) => ({ ...row, source: 'rest' })));
      expect(ovh.api.paths.slice(asked).toSorted()).toEqual(ovh.api.paths.slice(0, asked).toSorted());
    },
  );
});
