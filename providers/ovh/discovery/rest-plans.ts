import { regionUnavailable, rowUnreadable } from './errors.ts';
import type { OvhKindId } from './kinds.ts';
import { listPath, projectPath, segment } from './paths.ts';
import { isRow, type RestApi, type Row } from './rest.ts';

/** The requests of one kind: those that the program makes, so that rows are the same either way. */
type RestPlan = (api: RestApi, projectId: string | null) => Promise<readonly unknown[]>;

const expandedPlan =
  (kind: OvhKindId): RestPlan =>
  async (api, projectId) =>
    await expanded(api, listPath(kind, projectId));

const flatPlan =
  (kind: OvhKindId): RestPlan =>
  async (api, projectId) =>
    await api.list(listPath(kind, projectId));

export const restPlans: Readonly<Record<OvhKindId, RestPlan>> = {
  project: expandedPlan('project'),
  instance: expandedPlan('instance'),
  kubernetes: expandedPlan('kubernetes'),
  database: expandedPlan('database'),
  load_balancer: expandedPlan('load_balancer'),
  registry: registries,
  private_network: async (api, projectId) => {
    const path = listPath('private_network', projectId);
    return (await expanded(api, path)).flatMap((network) => networkRows(api, path, network));
  },
  volume: flatPlan('volume'),
  object_storage_s3: async (api, projectId) => {
    const path = listPath('object_storage_s3', projectId);
    const regions = (await expanded(api, path)).filter((region) => hasBuckets(api, path, region));
    return await buckets(
      api,
      regions.map(({ name }) => storagePath(path, String(name))),
    );
  },
  object_storage_swift: flatPlan('object_storage_swift'),
  dedicated_server: expandedPlan('dedicated_server'),
};

/** Reads what a list lost on the way, by the paths of its losses, and answers all rows of the list. */
export async function finishRows(
  api: RestApi,
  { kind, projectId }: { readonly kind: OvhKindId; readonly projectId: string | null },
  lost: readonly string[],
): Promise<{ readonly rows: readonly unknown[]; readonly areAll: boolean }> {
  // What is lost of a registry (its region's details) is missing from its row: the row itself is there.
  if (kind === 'registry') return { rows: await registries(api, projectId), areAll: true };
  const path = listPath(kind, projectId);
  if (kind === 'object_storage_s3') {
    const storages = lost.filter((one) => one.endsWith('/storage'));
    const regions = (
      await api.each(
        lost.filter((one) => !storages.includes(one)),
        api.get,
      )
    ).filter(isRow);
    const found = regions.filter((region) => hasBuckets(api, path, region));
    const more = found.map(({ name }) => storagePath(path, String(name)));
    return { rows: await buckets(api, [...storages, ...more]), areAll: false };
  }
  const rows = (await api.each(lost, api.get)).filter(isRow);
  const isNetwork = kind === 'private_network';
  return { rows: isNetwork ? rows.flatMap((row) => networkRows(api, path, row)) : rows, areAll: false };
}

/** The ids of a list that has ids, or objects with an id. An element with neither is a loss. */
export function idsIn(api: Pick<RestApi, 'lose'>, path: string, elements: readonly unknown[]): string[] {
  const ids = elements.map((element) => (isRow(element) ? element['id'] : element));
  for (const [index, id] of ids.entries()) if (!isId(id)) api.lose(rowUnreadable(`${path}[${index}]`));
  return [...new Set(ids.filter(isId).map(String))];
}

const isId = (id: unknown): id is string | number => (typeof id === 'string' && id !== '') || typeof id === 'number';

/** Identifiers, or objects that have one, then one request for each. */
async function expanded(api: RestApi, path: string): Promise<Row[]> {
  const ids = idsIn(api, path, await api.list(path));
  const rows = await api.each(
    ids.map((id) => `${path}/${segment(id)}`),
    api.get,
  );
  return rows.filter(isRow);
}

/** One row for each network and region. */
function networkRows(api: RestApi, path: string, { id, name, vlanId, type, regions }: Row): Row[] {
  if (!Array.isArray(regions)) {
    api.lose(rowUnreadable(`${path}/${segment(String(id))}`));
    return [];
  }
  return regions.filter(isRow).map(({ openstackId, region, status }) => {
    return { id, name, vlanId, openstackId, region, status, type };
  });
}

const deploymentModes: ReadonlyMap<unknown, string> = new Map([
  ['region', '1-AZ'],
  ['region-3-az', '3-AZ'],
  ['localzone', 'Local Zone'],
]);

async function registries(api: RestApi, projectId: string | null): Promise<unknown[]> {
  const path = listPath('registry', projectId);
  const found = await api.list(path);
  if (found.length === 0) return [];
  const regionsPath = `${projectPath(projectId)}/region`;
  const readable = found.filter(isRow);
  const names = idsIn(api, regionsPath, await api.list(regionsPath));
  const [regions, plans] = await Promise.all([
    api.each(
      names.map((name) => `${regionsPath}/${segment(name)}`),
      api.get,
    ),
    api.each(
      readable.map(({ id }) => `${path}/${segment(String(id))}/plan`),
      api.get,
    ),
  ]);
  const rows = readable.flatMap((registry, index) => {
    const plan = plans[index];
    const at = names.indexOf(String(registry['region']));
    const region = regions[at];
    // Half a row would look like a row that has changed: what was kept of it stays.
    if (!plan || (at >= 0 && !region)) return [];
    const mode = region && (deploymentModes.get(region['type']) ?? region['type']);
    return [{ ...registry, plan, ...(region && { deploymentMode: mode }) }];
  });
  // An element that is no object is told as a row that cannot be read.
  return [...rows, ...found.filter((element) => !isRow(element))];
}

export const storagePath = (regionsPath: string, region: string): string => `${regionsPath}/${segment(region)}/storage`;

async function buckets(api: RestApi, paths: readonly string[]): Promise<unknown[]> {
  const found = await api.each(paths, api.list);
  return found.flatMap((ofOne) => ofOne ?? []);
}

/**
 * A bucket is found in its region only. One that offers no object storage is not asked; one that can't answer at the moment
 * is a loss. A region that is `DOWN` is so for long (it may never have been used): it would make each list partial, and is
 * left out as the program leaves it out. Buckets that were there once are asked about before they are thought to be gone.
 */
function hasBuckets(api: RestApi, regionsPath: string, region: Row): boolean {
  const name = String(region['name']);
  const state = storageStateOf(region);
  if (region['status'] === 'DOWN') return false;
  if (state === 'unreadable') api.lose(rowUnreadable(`${regionsPath}/${segment(name)}`));
  else if (state !== 'UP' && state !== 'none') {
    api.lose(regionUnavailable(storagePath(regionsPath, name), name, state));
  }
  return state === 'UP';
}

/** `UP`; `none` where the region offers no object storage; else what OVHcloud calls its state, e.g. `MAINTENANCE`. */
export function storageStateOf({ status, services }: Row): string {
  if (!Array.isArray(services) || typeof status !== 'string') return 'unreadable';
  const storages = services
    .filter(isRow)
    .filter(({ name }) => name === 'storage-s3-standard' || name === 'storage-s3-high-perf');
  if (storages.length === 0) return 'none';
  if (status !== 'UP') return status;
  if (storages.some((storage) => storage['status'] === 'UP')) return 'UP';
  const own = storages[0]?.['status'];
  return typeof own === 'string' ? own : 'unknown';
}
