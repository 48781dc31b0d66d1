import type { OvhKindId } from './kinds.ts';
import type { Clock } from '../../../platform/clock.ts';
import { createSlots } from '../../../platform/slots.ts';
import { CallError, statusFailure } from '../../http/call-error.ts';
import type { Http } from '../../http/http.ts';
import type { ListContext, Loss } from '../../listing/lister.ts';
import { credentialOf, endpointOf, createAuthenticate } from './credential.ts';
import { listingError, lossOf } from './errors.ts';

/** The requests of one kind: those that the program makes, so that rows are the same either way. */
export type RestPlan = (api: RestApi, project: string) => Promise<readonly unknown[]>;

/** `project` is `/cloud/project/{id}`, empty at the account. */
export const restPlans: Readonly<Record<OvhKindId, RestPlan>> = {
  project: (api) => expanded(api, '/cloud/project'),
  instance: (api, project) => expanded(api, `${project}/instance`),
  kubernetes: (api, project) => expanded(api, `${project}/kube`),
  database: (api, project) => expanded(api, `${project}/database/service`),
  load_balancer: (api, project) => expanded(api, `${project}/loadbalancer`),
  registry: registries,
  private_network: privateNetworks,
  volume: (api, project) => api.list(`${project}/volume`),
  object_storage_s3: buckets,
  object_storage_swift: (api, project) => api.list(`${project}/storage`),
  dedicated_server: (api) => expanded(api, '/dedicated/server'),
};

type Row = Readonly<Record<string, unknown>>;
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Identifiers, or objects that have one, then one request for each. */
async function expanded(api: RestApi, path: string): Promise<Row[]> {
  const ids = (await api.list(path)).map((element) => String(isRow(element) ? element['id'] : element));
  const rows = await api.each(
    ids.map((id) => `${path}/${encodeURIComponent(id)}`),
    api.get,
  );
  return rows.filter(isRow);
}

/** One row for each network and region. */
async function privateNetworks(api: RestApi, project: string): Promise<Row[]> {
  const networks = await expanded(api, `${project}/network/private`);
  return networks.flatMap(({ id, name, vlanId, type, regions }) =>
    (Array.isArray(regions) ? regions : []).filter(isRow).map(({ openstackId, region, status }) => {
      return { id, name, vlanId, openstackId, region, status, type };
    }),
  );
}

const deploymentModes: ReadonlyMap<unknown, string> = new Map([
  ['region', '1-AZ'],
  ['region-3-az', '3-AZ'],
  ['localzone', 'Local Zone'],
]);

async function registries(api: RestApi, project: string): Promise<Row[]> {
  const path = `${project}/containerRegistry`;
  const found = (await api.list(path)).filter(isRow);
  const regions = await expanded(api, `${project}/region`);
  const plans = await api.each(
    found.map(({ id }) => `${path}/${encodeURIComponent(String(id))}/plan`),
    api.get,
  );
  return found.flatMap((registry, index) => {
    const plan = plans[index];
    if (plan === null) return [];
    const region = regions.find(({ name }) => name === registry['region']);
    const mode = region && (deploymentModes.get(region['type']) ?? region['type']);
    return [{ ...registry, plan, ...(region && { deploymentMode: mode }) }];
  });
}

/** A bucket is found in its region only, and a region without object storage is not asked. */
async function buckets(api: RestApi, project: string): Promise<Row[]> {
  const path = `${project}/region`;
  const regions = (await expanded(api, path)).filter(hasObjectStorage);
  const found = await api.each(
    regions.map(({ name }) => `${path}/${encodeURIComponent(String(name))}/storage`),
    api.list,
  );
  return found.flatMap((ofOne) => ofOne ?? []).filter(isRow);
}

function hasObjectStorage({ status, services }: Row): boolean {
  const offered = Array.isArray(services) ? services.filter(isRow) : [];
  const isStorage = (name: unknown): boolean => name === 'storage-s3-standard' || name === 'storage-s3-high-perf';
  return status === 'UP' && offered.some((service) => isStorage(service['name']) && service['status'] === 'UP');
}

/** The API for the length of one listing. Everything it throws is a `ProviderError`, or the signal's reason. */
export interface RestApi {
  /** All pages of a list. */
  readonly list: (path: string) => Promise<readonly unknown[]>;
  readonly get: (path: string) => Promise<unknown>;
  /** Many at once, results in the order of the paths; one that fails is a loss, and null here. */
  readonly each: <T>(paths: readonly string[], read: (path: string) => Promise<T>) => Promise<(T | null)[]>;
  readonly losses: readonly Loss[];
}

export interface RestDependencies {
  readonly http: Http;
  readonly clock: Clock;
}

/** As many as the program asks for. */
const PARALLEL = 10;

export function createRestApi({ http, clock }: RestDependencies, context: ListContext): RestApi {
  const { region, record, signal } = context;
  const endpoint = endpointOf(region);
  const losses: Loss[] = [];
  const slots = createSlots(PARALLEL);
  const authenticate = createAuthenticate(
    credentialOf(record),
    () => clock.now(),
    async (headers) => Number(await read(await http(`${endpoint}/auth/time`, { method: 'GET', headers, signal }))),
  );

  const read = async (response: Response): Promise<unknown> => {
    if (response.ok) {
      const body = await response
        .clone()
        .json()
        .catch(() => undefined as unknown);
      if (body !== undefined) return body;
    }
    throw new CallError(await statusFailure(response, clock.now()));
  };

  const call = async (path: string, more: Readonly<Record<string, string>> = {}): Promise<Response> => {
    const url = `${endpoint}${path}`;
    return await slots.use(signal, async () => {
      const headers = {
        accept: 'application/json',
        ...(await authenticate({ method: 'GET', url, body: '', signal })),
        ...more,
      };
      return await http(url, { method: 'GET', headers, signal });
    });
  };

  /** An aborted call fails like one that was not answered: whoever aborted shall see their own reason. */
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw listingError(error, region.manifest);
    }
  };

  const list = async (path: string): Promise<readonly unknown[]> => {
    const all: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const response: Response = await call(path, cursor === '' ? {} : { 'x-pagination-cursor': cursor });
      const page = await read(response);
      if (page !== null && !Array.isArray(page)) throw new CallError(await statusFailure(response, clock.now()));
      all.push(...(page ?? []));
      cursor = response.headers.get('x-pagination-cursor-next');
    }
    return all;
  };

  return {
    losses,
    list: async (path) => await told(async () => await list(path)),
    get: async (path) => await told(async () => await read(await call(path))),
    each: async (paths, readOne) =>
      await Promise.all(
        paths.map(async (path) => {
          try {
            return await told(async () => await readOne(path));
          } catch (error) {
            signal.throwIfAborted();
            losses.push(lossOf(path, listingError(error, region.manifest)));
            return null;
          }
        }),
      ),
  };
}
