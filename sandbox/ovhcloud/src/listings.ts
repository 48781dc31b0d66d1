import type { RunContext } from './command.ts';
import { escaped, fetchArray, fetchExpanded, fetchObjects } from './fetching.ts';
import { compile } from './expression.ts';
import { because, doing, reasonOf } from './failures.ts';
import { goText, isRow, quoted, type Row, type Value } from './json.ts';
import { log } from './log.ts';
import { printObject, printRows } from './output.ts';
import { Panic, panicFrames } from './panic.ts';
import { projectPath } from './project.ts';

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
  (pathOf: PathOf, columns: readonly string[], idField?: string): Run =>
  async (context) => {
    const path = pathOf(context);
    const rows = await fetching(fetchExpanded(context.client, path, idField, context.ignoreErrors));
    print(context, rows, columns);
  };

/** Lists that hold their objects whole. */
export const flatList =
  (pathOf: PathOf, columns: readonly string[]): Run =>
  async (context) => {
    const rows = await fetching(fetchArray(context.client, pathOf(context)));
    print(context, rows.filter(isRow), columns);
  };

export const object =
  (pathOf: PathOf): Run =>
  async (context) => {
    const path = `${pathOf(context)}/${escaped(context.args[0] ?? '')}`;
    printObject(await getObject(context, path), context.output);
  };

export const kubeCluster: Run = async (context) => {
  const path = `${projectPath(context)}/kube/${escaped(context.args[0] ?? '')}`;
  const cluster = await getObject(context, path);
  try {
    cluster['etcdUsage'] = await context.client.get(`${path}/metrics/etcdUsage`);
  } catch (error) {
    log(`failed to fetch etcd usage: ${reasonOf(error)}`);
  }
  printObject(cluster, context.output);
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
  print(context, rows, ['id', 'name', 'openstackId', 'region', 'status']);
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
  print(context, rows, ['id', 'name', 'region', 'plan.name plan', 'deploymentMode', 'version', 'status']);
};

/** Regions that fail are left out, with a line on stderr and nothing else: with or without `-e`. */
export const buckets: Run = async (context) => {
  const project = projectPath(context);
  const what = 'failed to fetch regions with storage feature available';
  const regions = await doing(what, fetchRegions(context, project));
  const names = regions.filter(hasObjectStorage).map((region) => region['name'] ?? null);
  const pathOf = (region: string): string => `${project}/region/${region}/storage`;
  const found = await fetchObjects(context.client, pathOf, names, true);
  print(context, found.flat().filter(isRow), ['name', 'region', 'createdAt']);
};

export const sshKeys: Run = async (context) => {
  const keys = await doing('failed to fetch SSH keys', context.client.get(`${projectPath(context)}/sshkey`));
  print(context, Array.isArray(keys) ? keys.filter(isRow) : [], ['id', 'name', 'regions']);
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

async function getObject(context: RunContext, path: string): Promise<Row> {
  const found = await doing(`error fetching ${path}`, context.client.get(path));
  return isRow(found) ? found : {};
}

function print(context: RunContext, rows: readonly Row[], columns: readonly string[]): void {
  printRows(filtered(rows, context.flags.get('filter') ?? []), columns, context.output);
}

function filtered(rows: readonly Row[], filters: readonly string[]): Row[] {
  const tests = filters.map((filter) => {
    try {
      return compile(filter);
    } catch (error) {
      throw because(`failed to filter results: failed to parse filter ${quoted(filter)}`, error);
    }
  });
  return rows.filter((row) => tests.every((test) => test(row) === true));
}

const fetching = async <T>(promise: Promise<T>): Promise<T> => await doing('failed to fetch results', promise);
