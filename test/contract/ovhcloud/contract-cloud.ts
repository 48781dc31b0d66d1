import type { Json } from '../../../platform/json.ts';
import { createCli } from '../../../providers/cli/run-cli.ts';
import { createHttp } from '../../../providers/http/http.ts';
import type { CloudUnderTest, Faults, ListerHarness } from '../lister.harness.ts';
import { contextAt, createWaitingClock, listerWith, noProgram } from './lister-harness.ts';
import { startWorldApi, type Fault } from './world-api.ts';

const projectId = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const P = `/cloud/project/${projectId}`;
const REGION = 'GRA11';
const PAGE_SIZE = 2;

const listPaths: Readonly<Record<string, string>> = {
  project: '/cloud/project',
  instance: `${P}/instance`,
  kubernetes: `${P}/kube`,
  database: `${P}/database/service`,
  load_balancer: `${P}/loadbalancer`,
  registry: `${P}/containerRegistry`,
  private_network: `${P}/network/private`,
  volume: `${P}/volume`,
  object_storage_s3: `${P}/region/${REGION}/storage`,
  object_storage_swift: `${P}/storage`,
  dedicated_server: '/dedicated/server',
};
const actions: Readonly<Record<string, string>> = { dedicated_server: 'dedicatedServer:apiovh:get' };

const region: Json = {
  name: REGION,
  status: 'UP',
  type: 'region',
  services: [{ name: 'storage-s3-standard', status: 'UP', endpoint: 'https://s3.example/' }],
};

/** Their lists have ids alone. */
const listsIds: readonly string[] = ['kubernetes', 'database', 'load_balancer', 'dedicated_server'];

type Row = { [field: string]: Json };
const isNamed = (kind: string): boolean => kind === 'object_storage_s3' || kind === 'dedicated_server';

const idOf = (kind: string, index: number): string => `${kind}-${index}`;

/** A row with all that could be kept of it, and `hunter2` wherever OVHcloud's rows hold a secret. */
const rowOf = (kind: string, index: number): Row => ({
  id: idOf(kind, index),
  name: isNamed(kind) ? idOf(kind, index) : `the ${kind} no. ${index}`,
  region: REGION,
  status: 'ACTIVE',
  rescuePassword: 'hunter2',
  token: 'hunter2',
  metricsToken: 'hunter2',
  endpoints: [{ uri: 'postgresql://admin:hunter2@db.example:5432/defaultdb' }],
  regions: [{ region: REGION, status: 'ACTIVE', openstackId: `os-${index}` }],
  iam: { urn: `urn:${index}`, tags: { team: 'blue', password: 'hunter2', note: 'token=hunter2' } },
});

/** An OVHcloud account with one project for the contract suite of listers, and the ways in which its lists fail. */
export async function startContractCloud(program: string | null): Promise<CloudUnderTest> {
  const clock = createWaitingClock();
  const world = new Map<string, Json>([
    ['/auth/details', { account: 'xx11111-ovh' }],
    ['/cloud/project', [projectId]],
    [P, { project_id: projectId, projectName: 'prod', status: 'ok' }],
    [`${P}/region`, [REGION]],
    [`${P}/region/${REGION}`, region],
    ...Object.values(listPaths)
      .filter((path) => path !== '/cloud/project')
      .map((path): [string, Json] => [path, []]),
  ]);
  let nextPage: (index: number, pages: number) => number | null = (index, pages) =>
    index + 1 < pages ? index + 1 : null;
  let faultAt: (path: string, headers: Readonly<Record<string, unknown>>) => Fault | undefined = () => undefined;

  /** Servers come in pages: their list is the one that is read in parts here. */
  function serversPage(headers: Readonly<Record<string, unknown>>): Fault {
    const all = world.get('/dedicated/server') as Json[];
    const index = Number(headers['x-pagination-cursor'] ?? 0);
    const next = nextPage(index, Math.ceil(all.length / PAGE_SIZE));
    const body = all.slice(index * PAGE_SIZE, (index + 1) * PAGE_SIZE);
    return { status: 200, body, headers: next === null ? {} : { 'X-Pagination-Cursor-Next': String(next) } };
  }

  const api = await startWorldApi(world, (path, headers) => {
    const fault = faultAt(path, headers);
    return fault ?? (path === '/dedicated/server' ? serversPage(headers) : undefined);
  });
  const cli = createCli({ environment: process.env, graceMs: 200 });
  const lister = listerWith({
    cli,
    clock,
    pause: clock.pause,
    program: program ?? noProgram,
    http: createHttp({ fetch, deadlineMs: 1_500, redacts: 'everything' }),
    limits: { timeoutMs: 8_000, maxBytes: 10_000_000 },
  });

  const failing = (
    kind: string,
    fault: (headers: Readonly<Record<string, unknown>>) => Fault | undefined,
  ): string[] => {
    faultAt = (path, headers) => (path === listPaths[kind] ? fault(headers) : undefined);
    return [kind];
  };

  const faults: Faults = {
    fail: async (kind, { status, retryAfterSeconds, times = Infinity, echo = false }) => {
      let left = times;
      const headersOf = (sent: Readonly<Record<string, unknown>>) => (echo ? JSON.stringify(sent) : 'Refused');
      return await Promise.resolve(
        failing(kind, (sent) => {
          if (left-- <= 0) return undefined;
          const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
          return { status, body: { message: headersOf(sent) }, headers };
        }),
      );
    },
    endCredential: async () => {
      faultAt = () => ({ status: 401, body: { class: 'Client::Unauthorized', message: 'You must login first' } });
      await Promise.resolve();
    },
    deny: async (kind) => {
      const action = actions[kind] ?? `publicCloudProject:apiovh:${kind}/get`;
      const body = { message: 'User not granted', details: { unauthorizedActionsByIAM: action } };
      const kinds = failing(kind, () => ({ status: 403, body }));
      return await Promise.resolve({ kinds, action });
    },
    hang: async (kind) => await Promise.resolve(failing(kind, () => 'hang')),
    repeatToken: async (kind) => {
      nextPage = (index, pages) => Math.min(index + 1, pages - 1);
      return await Promise.resolve([kind]);
    },
    cycleTokens: async (kind) => {
      nextPage = (index, pages) => (index + 1 < pages ? index + 1 : pages - 2);
      return await Promise.resolve([kind]);
    },
    badRow: async (kind) => {
      world.set(`${listPaths[kind]}/${idOf(kind, 0)}`, { region: REGION });
      return await Promise.resolve([kind]);
    },
    noRows: async (kind) => await Promise.resolve(failing(kind, () => ({ status: 200, body: {} }))),
    remove: async (kind, id) => {
      const path = listPaths[kind] ?? '';
      world.set(
        path,
        (world.get(path) as Json[]).filter((each) => each !== id && (each as Row | null)?.['id'] !== id),
      );
      world.delete(`${path}/${id}`);
      await Promise.resolve();
    },
  };

  return {
    lister,
    projectId,
    context: (signal) => contextAt(api.endpoint, undefined, signal),
    seed: async (kind, count) => {
      const path = listPaths[kind] ?? '';
      const rows = Array.from({ length: count }, (_, index) => rowOf(kind, index));
      world.set(path, listsIds.includes(kind) ? rows.map(({ id }) => id ?? '') : rows);
      for (const [index, row] of rows.entries()) {
        world.set(`${path}/${idOf(kind, index)}`, row);
        if (kind === 'registry') world.set(`${path}/${idOf(kind, index)}/plan`, { name: 'SMALL' });
      }
      await Promise.resolve();
    },
    faults,
    calls: () => api.paths.filter((path) => !path.startsWith('/auth/')).length,
    secondsWaited: clock.secondsWaited,
    secrets: ['at-0123456789'],
    close: async () => {
      cli.close();
      api.close();
      await Promise.resolve();
    },
  };
}

export const pagedServers: ListerHarness['paged'] = { kind: 'dedicated_server', count: 5 };
