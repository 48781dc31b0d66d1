import { createSlots } from '../../../platform/slots.ts';
import type { ListContext, Loss } from '../../listing/lister.ts';
import type { MethodDependencies } from '../../preconditions.ts';
import { checkedApiUrl, createOvhClient, credentialOf } from '../client.ts';
import { AnyJsonSchema } from '../schema.ts';
import { listingError, lossOf } from './errors.ts';
import type { OvhKindId } from './kinds.ts';

/** The API for the length of one listing. Everything it throws is a `ProviderError`, or the signal's reason. */
export interface RestApi {
  /** All pages of a list. */
  readonly list: (path: string) => Promise<readonly unknown[]>;
  readonly get: (path: string) => Promise<unknown>;
  /** Many at once, results in the order of the paths; one that fails is a loss, and null here. */
  readonly each: <T>(paths: readonly string[], read: (path: string) => Promise<T>) => Promise<(T | null)[]>;
  readonly losses: readonly Loss[];
}

/** As many as the program asks for. */
const PARALLEL = 10;

export function createRestApi(
  { http, clock }: Pick<MethodDependencies, 'http' | 'clock'>,
  context: ListContext,
): RestApi {
  const { region, record, signal } = context;
  checkedApiUrl(region);
  const losses: Loss[] = [];
  const slots = createSlots(PARALLEL);
  const client = createOvhClient(
    { http: async (url, request) => await slots.use(signal, async () => await http(url, request)), clock },
    region,
    credentialOf(record),
  );

  /** An aborted call fails like one that was not answered: the signal's own reason is thrown instead. */
  const withListingErrors = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw listingError(error, region.manifest);
    }
  };

  return {
    losses,
    list: async (path) => await withListingErrors(() => client.pages(path, AnyJsonSchema, signal)),
    get: async (path) =>
      await withListingErrors(() => client.call({ method: 'GET', path, reply: AnyJsonSchema, signal })),
    each: async (paths, readOne) =>
      await Promise.all(
        paths.map(async (path) => {
          try {
            return await withListingErrors(async () => await readOne(path));
          } catch (error) {
            signal.throwIfAborted();
            losses.push(lossOf(path, listingError(error, region.manifest)));
            return null;
          }
        }),
      ),
  };
}

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
