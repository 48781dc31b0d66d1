import { azureTypes } from '../manifest/resource-types.ts';

/**
 * Where each fact stands in a resource, first come, first served. Columns by their names, never `properties` as a whole:
 * it may hold what machines start with, and keys.
 */
const texts = {
  sku: ['sku.name'],
  power: ['properties.extended.instanceView.powerState.code', 'properties.powerState.code'],
  // Registries have an object under `status`, so it comes last.
  state: ['properties.state', 'properties.provisioningState', 'properties.status'],
  created: ['properties.timeCreated', 'properties.creationTime', 'properties.creationDate'],
  size: ['properties.hardwareProfile.vmSize'],
  version: ['properties.kubernetesVersion', 'properties.version'],
  host: [
    'properties.defaultHostName',
    'properties.loginServer',
    'properties.configuration.ingress.fqdn',
    'properties.fqdn',
    'properties.fullyQualifiedDomainName',
    'properties.documentEndpoint',
    'properties.primaryEndpoints.blob',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const SIZE_GB = 'properties.diskSizeGB';
const asTheyAre = ['id', 'name', 'type', 'kind', 'location', 'zones', 'resourceGroup', 'tags'] as const;

const expression = (paths: readonly string[]): string => {
  const [first = '', ...others] = paths.map((path) => `tostring(${path})`);
  return others.length === 0 ? first : `coalesce(${[first, ...others].join(', ')})`;
};

const types = azureTypes.map(({ name }) => `'${name.toLowerCase()}'`).join(',');

/**
 * The one query. The system's own database of each SQL server is left out. The order is by a column that is unique,
 * without which pages repeat and lose rows.
 */
export const query = [
  'resources',
  `where type in~ (${types})`,
  "where not(type =~ 'microsoft.sql/servers/databases' and name =~ 'master')",
  `project ${[
    ...asTheyAre,
    ...Object.entries(texts).map(([column, paths]) => `${column}=${expression(paths)}`),
    `sizeGb=toint(${SIZE_GB})`,
  ].join(', ')}`,
  'order by id asc',
].join(' | ');

/** The same columns of a resource as Azure Resource Manager gives it, in full. */
export function columnsOf(type: string, resource: unknown): Record<string, unknown> {
  const [id, kind] = [at(resource, 'id'), at(resource, 'kind')];
  const gigabytes = at(resource, SIZE_GB);
  return {
    ...Object.fromEntries(asTheyAre.map((name) => [name, at(resource, name)] as const).filter(isSet)),
    type,
    ...(typeof kind === 'string' && { kind: kind.toLowerCase() }),
    resourceGroup: typeof id === 'string' ? resourceGroupOf(id) : undefined,
    ...Object.fromEntries(Object.entries(texts).map(([column, paths]) => [column, textAt(resource, paths)])),
    ...(typeof gigabytes === 'number' && { sizeGb: gigabytes }),
  };
}

/** Resource Graph writes it in lower case. */
const resourceGroupOf = (id: string): string | undefined => /\/resourcegroups\/([^/]+)/i.exec(id)?.[1]?.toLowerCase();

const isSet = ([, value]: readonly [string, unknown]): boolean => value !== undefined;

const textAt = (resource: unknown, paths: readonly string[]): string =>
  paths.map((path) => at(resource, path)).find((value): value is string => typeof value === 'string' && value !== '') ??
  '';

function at(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}
