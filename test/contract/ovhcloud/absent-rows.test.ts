import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Json } from '../../../platform/json.ts';
import type { Cli } from '../../../providers/cli/run-cli.ts';
import type { Absence, ListContext, ResourceLister } from '../../../providers/listing/lister.ts';
import type { InventoryRow } from '../../../stores/inventory/port.ts';
import { thrown } from '../thrown.ts';
import { contextAt, listedBy, listedIn, listerWith, noProgram, startCli } from './lister-harness.ts';
import { projectId, recordedWorld } from './recorded-world.ts';
import { startWorldApi, type Fault, type FaultAt, type WorldApi } from './world-api.ts';

let cli: Cli;
let api: WorldApi;
let lister: ResourceLister;
beforeAll(() => {
  cli = startCli();
  lister = listerWith({ cli, program: noProgram });
});
afterEach(() => api.close());
afterAll(() => cli.close());

const P = `/cloud/project/${projectId}`;
const denied: Fault = {
  status: 403,
  body: { message: 'This call has not been granted', errorCode: 'NOT_GRANTED_CALL' },
};
const unknown: Fault = { status: 404, body: { message: 'This service does not exist' } };
const ok = (body: Json): Fault => ({ status: 200, body });

const start = async (faultAt: FaultAt): Promise<ListContext> => {
  api = await startWorldApi(recordedWorld, faultAt);
  return contextAt(api.endpoint);
};
/** These paths are answered so, all others as they should be. */
const at =
  (faults: Readonly<Record<string, Fault>>): FaultAt =>
  (path) =>
    faults[path];

/** The rows of each kind, as they were before something happened. */
const known = new Map<string, readonly InventoryRow[]>();
const rowsOf = (kind: string): readonly InventoryRow[] => known.get(kind) ?? expect.fail(`no ${kind}`);
const keysOf = (rows: readonly InventoryRow[]): string[] => rows.map(({ key }) => key);

beforeAll(async () => {
  const context = await start(() => undefined);
  known.set('project', listedIn(await lister.listProjects(context)).rows);
  for (const { id, scope } of lister.lists) {
    known.set(id, (await listedBy(lister, context, id, scope === 'project' ? projectId : null)).rows);
  }
  api.close();
});

const asked = async (kind: string, faults: Readonly<Record<string, Fault>>, rows = rowsOf(kind)): Promise<Absence> => {
  const context = await start(at(faults));
  const scope = lister.manifest.kinds.find(({ id }) => id === kind)?.scope;
  const absence = await lister.confirmGone?.(context, {
    kind,
    projectId: scope === 'project' ? projectId : null,
    rows,
  });
  return absence ?? expect.fail('nobody to ask');
};

const lists = [
  ['instance', `${P}/instance`],
  ['kubernetes', `${P}/kube`],
  ['database', `${P}/database/service`],
  ['load_balancer', `${P}/loadbalancer`],
  ['registry', `${P}/containerRegistry`],
  ['private_network', `${P}/network/private`],
  ['volume', `${P}/volume`],
  ['object_storage_swift', `${P}/storage`],
] as const;

describe('the second witness for resources that a list lacks', () => {
  test.each(lists)('one call for the ids says that resources are there: %s', async (kind, path) => {
    const absence = await asked(kind, {});
    expect([...absence.there]).toEqual(keysOf(rowsOf(kind)));
    expect(absence).toMatchObject({ gone: new Set(), refused: null });
    expect(api.paths).toEqual([path]);
  });

  test('one call for the ids says that one of several is gone', async () => {
    const [first, second] = rowsOf('instance');
    const { gone, there } = await asked('instance', { [`${P}/instance`]: ok([{ id: first?.id ?? '' }]) });
    expect([[...gone], [...there]]).toEqual([[second?.key], [first?.key]]);
    expect(api.paths).toHaveLength(1);
  });

  test('a network that is no longer in one of its regions is gone from there alone', async () => {
    const [here, elsewhere] = rowsOf('private_network');
    const networks = [{ id: here?.id ?? '', regions: [{ region: here?.region ?? '', status: 'ACTIVE' }] }];
    const rows = [here, elsewhere].filter((row) => row !== undefined);
    const { gone, there } = await asked('private_network', { [`${P}/network/private`]: ok(networks) }, rows);
    expect([[...gone], [...there]]).toEqual([[elsewhere?.key], [here?.key]]);
  });

  test('nothing is said about a network whose regions are null', async () => {
    const [first] = rowsOf('private_network');
    const networks = [{ id: first?.id ?? '', regions: null }];
    const rows = first ? [first] : [];
    expect(await asked('private_network', { [`${P}/network/private`]: ok(networks) }, rows)).toEqual({
      gone: new Set(),
      there: new Set(),
      refused: null,
    });
  });

  test('an empty list of ids is believed where the cloud does not know the first of them either', async () => {
    const rows = rowsOf('instance');
    const faults = { [`${P}/instance`]: ok([]), [`${P}/instance/${rows[0]?.id}`]: unknown };
    expect([...(await asked('instance', faults)).gone]).toEqual(keysOf(rows));
    expect(api.paths).toHaveLength(2);
  });

  test('an empty list of ids is not believed where the cloud knows the first of them', async () => {
    const { gone, there } = await asked('instance', { [`${P}/instance`]: ok([]) });
    expect([[...gone], [...there]]).toEqual([[], keysOf(rowsOf('instance'))]);
  });

  test.each<[string, Fault]>([
    ['null', ok(null)],
    ['an object', ok({})],
    ['HTTP 204', { status: 204, text: '' }],
    ['a redirect', { status: 302, text: '', headers: { location: '/1.0/empty' } }],
    ['HTTP 500', { status: 500 }],
    ['a lost connection', 'drop'],
  ])('%s is no answer of a witness', async (_what, fault) => {
    const error = await thrown(asked('instance', { [`${P}/instance`]: fault }));
    expect(error.class).toBe('transient');
  });

  test('resources of a project that OVHcloud does not know are gone', async () => {
    expect([...(await asked('instance', { [`${P}/instance`]: unknown })).gone]).toEqual(keysOf(rowsOf('instance')));
  });

  test('resources that may not be asked about are not gone, and the right that is missing is named', async () => {
    expect(await asked('instance', { [`${P}/instance`]: denied })).toMatchObject({
      gone: new Set(),
      there: new Set(),
      refused: {
        class: 'user',
        problem: { code: 'list_denied' },
        denied: { action: 'GET /cloud/project/*/instance*' },
      },
    });
  });
});

describe('the second witness for projects and servers, whose lists leave out what may not be seen', () => {
  test.each([
    ['project', '/cloud/project'],
    ['dedicated_server', '/dedicated/server'],
  ])('each %s is asked about: it is gone, there or refused', async (kind, path) => {
    const [first, second] = rowsOf(kind);
    const rows = [first, second, { ...first, key: 'third', id: 'third' }] as InventoryRow[];
    const faults = { [path]: ok(['another']), [`${path}/third`]: unknown, [`${path}/${second?.id}`]: denied };
    const { gone, there, refused } = await asked(kind, faults, rows);
    expect([[...gone], [...there]]).toEqual([['third'], [first?.key]]);
    expect(refused).toMatchObject({ class: 'user', problem: { code: 'list_denied' } });
  });
});

describe('the second witness for buckets', () => {
  const here = () => rowsOf('object_storage_s3').filter(({ region }) => region === 'GRA11');
  const region = `${P}/region/GRA11`;
  const changed = (change: object): Fault => ok({ ...(recordedWorld.get(region) as object), ...change });

  test('buckets that their regions list are there', async () => {
    const { gone, there, refused } = await asked('object_storage_s3', {});
    expect([gone, refused]).toEqual([new Set(), null]);
    expect([...there].toSorted()).toEqual(keysOf(rowsOf('object_storage_s3')).toSorted());
  });

  test.each([
    ['is in maintenance', { status: 'MAINTENANCE' }],
    ['is down', { status: 'DOWN' }],
    ['has its object storage in maintenance', { services: [{ name: 'storage-s3-standard', status: 'DOWN' }] }],
    ['does not say its services', { services: null }],
  ])('buckets of a region that %s are not gone, however long that lasts', async (_what, change) => {
    const faults = { [region]: changed(change), [`${region}/storage`]: ok([]) };
    const { gone, there, refused } = await asked('object_storage_s3', faults);
    expect(gone).toEqual(new Set());
    expect([...there].filter((key) => keysOf(here()).includes(key))).toEqual([]);
    expect(refused).toMatchObject({ problem: { code: 'region_unavailable' }, denied: null });
  });

  test('a bucket that its region does not list beside others is gone, and only that one', async () => {
    const [first] = here();
    const more = { ...first, key: 'more@GRA11', id: 'more', region: 'GRA11' } as InventoryRow;
    expect([...(await asked('object_storage_s3', {}, [...here(), more])).gone]).toEqual(['more@GRA11']);
  });

  test('buckets of a region that OVHcloud does not know in the project are gone', async () => {
    expect([...(await asked('object_storage_s3', { [region]: unknown })).gone]).toEqual(keysOf(here()));
  });
});

describe('a witness that is refused as a whole', () => {
  beforeEach(async () => {
    await start(() => ({ status: 401, body: { message: 'You must login first' } }));
  });

  test('a credential that has ended is thrown as revoked', async () => {
    const rows = rowsOf('instance');
    const error = await thrown(
      lister.confirmGone?.(contextAt(api.endpoint), { kind: 'instance', projectId, rows }) ?? Promise.resolve(),
    );
    expect(error.class).toBe('revoked');
  });
});
