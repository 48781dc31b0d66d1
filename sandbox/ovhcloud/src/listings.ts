import type { RunContext } from './command.ts';
import { escaped, fetchArray, fetchExpanded, fetchObjects } from './fetching.ts';
import { doing, goText, isRow, type Row, type Value } from './go.ts';
import { Panic, panicFrames, printRows } from './output.ts';

type Run = (context: RunContext) => Promise<void>;

/** Where a list is: in a project, or at the account's level. */
type PathOf = (context: RunContext) => string;
export const inProject =
  (below: string): PathOf =>
  (context) =>
    projectPath(context) + below;
export const atAccount =
  (path: string): PathOf =>
  () =>
    path;

/** Identifiers, then one request for each. `idField` where the list holds objects. */
export const expandedList =
  (pathOf: PathOf, idField?: string): Run =>
  async (context) => {
    const path = pathOf(context);
    const rows = await fetching(fetchExpanded(context.client, path, idField, context.ignoreErrors));
    printRows(rows);
  };

/** Lists that hold their objects whole. */
export const flatList =
  (pathOf: PathOf): Run =>
  async (context) => {
    const rows = await fetching(fetchArray(context.client, pathOf(context)));
    printRows(rows.filter(isRow));
  };

/** One row for each network and region. */
export const privateNetworks: Run = async (context) => {
  const path = `${projectPath(context)}/network/private`;
  const networks = await fetching(fetchExpanded(context.client, path, 'id', context.ignoreErrors));
  const rows = networks.flatMap((network) => {
    const regions = network['regions'];
    if (!Array.isArray(regions)) throw new Panic(panicFrames.networks);
    const { id = null, name = null, vlanId = null, type = null } = network;
    return regions.filter(isRow).map(({ openstackId = null, region = null, status = null }) => {
      return { id, name, vlanId, openstackId, region, status, type };
    });
  });
  printRows(rows);
};

export const registries: Run = async (context) => {
  const project = projectPath(context);
  const found = await fetching(fetchArray(context.client, `${project}/containerRegistry`));
  const regions = await fetchRegions(context, project);
  const rows: Row[] = [];
  for (const registry of found.filter(isRow)) {
    const path = `${project}/containerRegistry/${escaped(goText(registry['id'] ?? null))}/plan`;
    const plan = await doing('error fetching plan details', context.client.get(path));
    const region = regions.find((one) => one['name'] === registry['region']);
    rows.push({ ...registry, plan, ...(region ? { deploymentMode: deploymentMode(region) } : {}) });
  }
  printRows(rows);
};

/** Regions that fail are left out, with a line on stderr and nothing else: with or without `-e`. */
export const buckets: Run = async (context) => {
  const project = projectPath(context);
  const what = 'failed to fetch regions with storage feature available';
  const regions = await doing(what, fetchRegions(context, project));
  const names = regions.filter(hasObjectStorage).map((region) => region['name'] ?? null);
  const pathOf = (region: string): string => `${project}/region/${region}/storage`;
  const found = await fetchObjects(context.client, pathOf, names, {
    ignoreErrors: true,
    shape: '[]map[string]interface {}',
  });
  printRows(found.flat().filter(isRow));
};

function hasObjectStorage(region: Row): boolean {
  if (region['status'] !== 'UP') return false;
  const services = region['services'];
  if (!Array.isArray(services)) throw new Panic(panicFrames.regions);
  return services
    .filter(isRow)
    .some(({ name, status }) => /^storage-s3-(high-perf|standard)$/.test(goText(name ?? null)) && status === 'UP');
}

async function fetchRegions(context: RunContext, project: string): Promise<Row[]> {
  return await doing(
    'failed to fetch regions',
    fetchExpanded(context.client, `${project}/region`, undefined, context.ignoreErrors),
  );
}

function deploymentMode(region: Row): Value {
  const modes: Readonly<Record<string, string>> = { region: '1-AZ', 'region-3-az': '3-AZ', localzone: 'Local Zone' };
  return modes[goText(region['type'] ?? null)] ?? region['type'] ?? null;
}

function projectPath({ flags }: RunContext): string {
  const project = flags.get('cloud-project')?.[0] || process.env['OVH_CLOUD_PROJECT_SERVICE'];
  if (project) return `/cloud/project/${escaped(project)}`;
  throw new Error(
    'no project ID configured, please use --cloud-project <id> or set a default cloud project in your configuration. Alternatively, you can set the OVH_CLOUD_PROJECT_SERVICE environment variable',
  );
}

const fetching = async <T>(promise: Promise<T>): Promise<T> => await doing('failed to fetch results', promise);
