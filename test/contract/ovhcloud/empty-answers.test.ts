import { beforeAll, describe, expect, test } from 'vitest';

import type { Json } from '../../../platform/json.ts';
import type { ResourceLister } from '../../../providers/listing/lister.ts';
import { ProviderError } from '../../../providers/provider.ts';
import { listedBy, listedIn, type ListedKind } from './lister-harness.ts';
import { useListerWorld } from './lister-world.ts';
import { projectId, recordedWorld, type World } from './recorded-world.ts';
import { type Fault, type FaultAt } from './world-api.ts';

const ovh = useListerWorld();
const start = async (faultAt?: FaultAt, world?: World) => await ovh.start(faultAt, world && { world });

const P = `/cloud/project/${projectId}`;

/** The first call of each list, and what says that it is a list of the project. */
const firstCalls = [
  ['instance', `${P}/instance`],
  ['kubernetes', `${P}/kube`],
  ['registry', `${P}/containerRegistry`],
  ['private_network', `${P}/network/private`],
  ['volume', `${P}/volume`],
  ['object_storage_s3', `${P}/region`],
  ['object_storage_swift', `${P}/storage`],
  ['dedicated_server', '/dedicated/server'],
] as const;

const answers: readonly (readonly [string, Fault])[] = [
  ['null', { status: 200, body: null }],
  ['a success without a body', { status: 200, text: '' }],
  ['HTTP 204', { status: 204, text: '' }],
  ['an object', { status: 200, body: { message: 'maintenance' } }],
  ['a text', { status: 200, body: 'maintenance' }],
  ['a page', { status: 200, text: '<html><body>Maintenance</body></html>' }],
  ['half a list', { status: 200, text: '["00000001-1111-' }],
  ['a list that breaks off', 'cut'],
  ['a redirect to an empty list', { status: 302, text: '', headers: { location: '/1.0/empty' } }],
];

describe.each(['cli', 'rest'] as const)('a list by %s', (source) => {
  let lister: ResourceLister;
  beforeAll(() => {
    lister = ovh.lister(source);
  });

  const failureOf = async (work: Promise<ListedKind>): Promise<ProviderError> => {
    const error: unknown = await work.then(
      ({ rows, complete }) => expect.fail(`a list of ${rows.length} rows, ${complete ? 'complete' : 'partial'}`),
      (reason: unknown) => reason,
    );
    if (!(error instanceof ProviderError)) throw error;
    return error;
  };

  test.each(firstCalls)('what is no list is never an empty list: %s', async (kind, path) => {
    for (const [what, fault] of answers) {
      const empty: World = new Map([...recordedWorld, ['/empty', []]]);
      const context = await start((asked) => (asked === path ? fault : undefined), empty);
      const error = await failureOf(listedBy(lister, context, kind, kind === 'dedicated_server' ? null : projectId));
      expect([what, error.class]).toEqual([what, 'transient']);
      expect(error.problem.code, what).toMatch(/^cloud_(answer_unexpected|redirected|unreachable)$/);
      ovh.api.close();
    }
  });

  test.each(answers)('projects are never thought to be gone because of %s', async (_what, fault) => {
    const empty: World = new Map([...recordedWorld, ['/empty', []]]);
    const context = await start((asked) => (asked === '/cloud/project' ? fault : undefined), empty);
    expect((await failureOf(lister.listProjects(context).then(listedIn))).class).toBe('transient');
  });

  test('an empty list that is a list is complete', async () => {
    for (const [kind, path] of firstCalls) {
      const context = await start((asked) => (asked === path ? { status: 200, body: [] } : undefined));
      const listing = await listedBy(lister, context, kind, kind === 'dedicated_server' ? null : projectId);
      expect([kind, listing]).toMatchObject([kind, { rows: [], complete: true, source }]);
      ovh.api.close();
    }
  });
});

test('rows in the place of ids are losses by the program, and nothing of the rows is in them', async () => {
  const row = { id: 'k1', name: 'mks-1', kubeconfig: 'hunter2' };
  const context = await start((path) => (path === `${P}/kube` ? { status: 200, body: [row] } : undefined));
  const listing = await listedBy(ovh.lister('cli'), context, 'kubernetes', projectId);
  expect(listing.losses.map(({ path }) => path)).toEqual([`${P}/kube/map[…]`]);
  expect(JSON.stringify(listing)).not.toContain('hunter2');
});

describe('what a list over REST lost', () => {
  let lister: ResourceLister;
  beforeAll(() => {
    lister = ovh.lister('rest');
  });
  const listed = async (kind: string, path: string, body: Json): Promise<ListedKind> =>
    await listedBy(
      lister,
      await start((asked) => (asked === path ? { status: 200, body } : undefined)),
      kind,
      projectId,
    );

  test.each([[null], [[]], ['gone'], [7]])('details that are %j are a loss of that row alone', async (body) => {
    const path = `${P}/instance/00000002-1111-4222-8333-000000000002`;
    const { rows, losses } = await listed('instance', path, body);
    expect(rows.map(({ name }) => name)).toEqual(['web-1']);
    expect(losses.map((loss) => [loss.path, loss.class])).toEqual([[path, 'transient']]);
  });

  test('an element of a list that has no id is a loss', async () => {
    const first = '00000001-1111-4222-8333-000000000001';
    const { rows, losses } = await listed('instance', `${P}/instance`, [first, null, { name: 'x' }, '']);
    expect(rows).toHaveLength(1);
    expect(losses.map(({ path }) => path)).toEqual([1, 2, 3].map((index) => `${P}/instance[${index}]`));
  });

  test('a network whose regions are null is a loss, not a network without regions', async () => {
    const path = `${P}/network/private/pn-1001_1`;
    const { losses } = await listed('private_network', path, { id: 'pn-1001_1', name: 'net-1', regions: null });
    expect(losses.map((loss) => loss.path)).toEqual([path]);
  });

  test.each<[string, (region: object) => object]>([
    ['is in maintenance', (region) => ({ ...region, status: 'MAINTENANCE' })],
    ['has object storage that is down', (region) => ({ ...region, services: storagesThatAre('DOWN') })],
  ])('a region that %s makes its buckets a loss, because they are still there', async (_what, change) => {
    const path = `${P}/region/GRA11`;
    const { rows, losses } = await listed('object_storage_s3', path, change(recordedWorld.get(path) as object) as Json);
    expect(rows.map(({ region }) => region)).not.toContain('GRA11');
    expect(rows.length).toBeGreaterThan(0);
    expect(losses.map((loss) => [loss.path, loss.problem.code])).toEqual([[`${path}/storage`, 'region_unavailable']]);
  });

  test('a region whose services are null is a loss', async () => {
    const path = `${P}/region/GRA11`;
    const { losses } = await listed('object_storage_s3', path, { name: 'GRA11', status: 'UP', services: null });
    expect(losses.map((loss) => loss.path)).toEqual([path]);
  });

  test('a registry whose region or plan could not be read keeps the row that is known of it', async () => {
    for (const path of [`${P}/region/GRA11`, `${P}/containerRegistry/00000191-1111-4222-8333-000000000191/plan`]) {
      const { rows, losses } = await listed('registry', path, null);
      expect(rows.map(({ name }) => name)).not.toContain('reg-1');
      expect(losses.map((loss) => loss.path)).toEqual([path]);
      ovh.api.close();
    }
  });

  test.each<[string, readonly string[]]>([
    ['names itself as the next one', ['two', 'two']],
    ['names an earlier page as the next one', ['two', 'three', 'two']],
  ])('a page that %s ends the list, which is partial', async (_what, cursors) => {
    const ids = ['srv0', 'srv1', 'srv2', 'srv3'];
    const servers = new Map(ids.map((name) => [`/dedicated/server/${name}`, { name, state: 'ok' }] as [string, Json]));
    let page = 0;
    const context = await start((path) => {
      if (path !== '/dedicated/server') return undefined;
      const next = cursors[Math.min(page, cursors.length - 1)] ?? '';
      return { status: 200, body: [ids[page++] ?? ''], headers: { 'X-Pagination-Cursor-Next': next } };
    }, servers);
    const { rows, losses } = await listedBy(lister, context, 'dedicated_server', null);
    expect(rows.map(({ id }) => id)).toEqual(ids.slice(0, cursors.length));
    expect(losses.map(({ problem }) => problem.code)).toEqual(['pages_without_end']);
    expect(page).toBe(cursors.length);
  });
});

const storagesThatAre = (status: string): object[] => [{ name: 'storage-s3-standard', status, endpoint: 'https://s3' }];
