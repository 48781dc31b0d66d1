import type { Json, JsonObject } from '../../../../platform/json.ts';

/** What a customer may have hidden where nobody should look. It stands in every answer that Google would have it in. */
export const HIDDEN_SECRET = 'hunter2';

/** What every resource has, whichever service shows it. */
export interface Resource {
  readonly name: string;
  /** A zone, a region, `global`, or a place of buckets. */
  readonly location: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: string;
  /** Null where the cloud has none. */
  readonly state: string | null;
}

export interface KindOfResource {
  /** As Cloud Asset Inventory names it. */
  readonly assetType: string;
  /** Where generated ones are, in turn. */
  readonly locations: readonly string[];
  readonly state: string | null;
  /** False where the cloud has no labels for it. */
  readonly isLabelled?: boolean;
  /** The full resource name, without `//`. */
  readonly fullName: (project: string, resource: Resource) => string;
  /** As the service itself shows it; also what must not be kept. */
  readonly native: (project: string, resource: Resource) => JsonObject;
}

const zones = ['us-central1-a', 'us-central1-b', 'europe-west1-b'];
const regions = ['us-central1', 'europe-west1', 'europe-west3'];
const inProject = (host: string, path: (resource: Resource) => string) => (project: string, resource: Resource) =>
  `${host}.googleapis.com/projects/${project}/${path(resource)}`;
const env: Json = [{ name: 'DB_PASSWORD', value: HIDDEN_SECRET }];

const computeUrl = (path: string): string => `https://www.googleapis.com/compute/v1/${path}`;

/** A resource of Compute Engine: its times are in California's zone, and its references are URLs. */
function compute(of: {
  readonly word: string;
  readonly scope: 'zones' | 'regions' | 'global';
  readonly collection: string;
  readonly type: string;
  readonly state?: string;
  readonly isLabelled?: boolean;
  readonly more: (project: string, resource: Resource) => JsonObject;
}): KindOfResource {
  const { word, scope, collection, type, state = null, isLabelled = true, more } = of;
  const place = ({ location }: Resource) => (scope === 'global' ? 'global' : `${scope}/${location}`);
  const fullName = inProject('compute', (resource) => `${place(resource)}/${collection}/${resource.name}`);
  return {
    assetType: `compute.googleapis.com/${type}`,
    locations: { zones, regions, global: ['global'] }[scope],
    state,
    isLabelled,
    fullName,
    native: (project, resource) => ({
      kind: `compute#${word}`,
      name: resource.name,
      selfLink: computeUrl(fullName(project, resource).slice('compute.googleapis.com/'.length)),
      creationTimestamp: resource.createdAt.replace('Z', '.123+00:00'),
      ...(isLabelled && { labels: resource.labels }),
      ...(resource.state !== null && { status: resource.state }),
      ...more(project, resource),
    }),
  };
}

const rule = () => ({ IPAddress: '203.0.113.7', IPProtocol: 'TCP', loadBalancingScheme: 'EXTERNAL_MANAGED' });
const disk = () => ({ sizeGb: '100', type: computeUrl('projects/p/zones/z/diskTypes/pd-ssd') });

export const kinds = {
  instance: compute({
    word: 'instance',
    scope: 'zones',
    collection: 'instances',
    type: 'Instance',
    state: 'RUNNING',
    more: (project, { location }) => ({
      machineType: computeUrl(`projects/${project}/zones/${location}/machineTypes/e2-medium`),
      metadata: { items: [{ key: 'startup-script', value: `export DB_PASSWORD=${HIDDEN_SECRET}` }] },
      lastStartTimestamp: '2026-11-01T00:00:00.000-07:00',
    }),
  }),
  disk: compute({ word: 'disk', scope: 'zones', collection: 'disks', type: 'Disk', state: 'READY', more: disk }),
  regionDisk: compute({
    word: 'disk',
    scope: 'regions',
    collection: 'disks',
    type: 'RegionDisk',
    state: 'READY',
    more: disk,
  }),
  forwardingRule: compute({
    word: 'forwardingRule',
    scope: 'regions',
    collection: 'forwardingRules',
    type: 'ForwardingRule',
    more: rule,
  }),
  globalForwardingRule: compute({
    word: 'forwardingRule',
    scope: 'global',
    collection: 'forwardingRules',
    type: 'GlobalForwardingRule',
    more: rule,
  }),
  network: compute({
    word: 'network',
    scope: 'global',
    collection: 'networks',
    type: 'Network',
    isLabelled: false,
    more: () => ({ autoCreateSubnetworks: false, mtu: 1460 }),
  }),
  cluster: {
    assetType: 'container.googleapis.com/Cluster',
    locations: ['europe-west1', 'us-central1-a'],
    state: 'RUNNING',
    // A zonal cluster has the older form of name.
    fullName: inProject('container', ({ name, location }) =>
      /-[a-z]$/.test(location) ? `zones/${location}/clusters/${name}` : `locations/${location}/clusters/${name}`,
    ),
    native: (_project, { name, location, labels, createdAt, state }) => ({
      name,
      location,
      createTime: createdAt.replace('Z', '+00:00'),
      status: state,
      endpoint: '203.0.113.9',
      currentNodeCount: 3,
      resourceLabels: labels,
      releaseChannel: { channel: 'REGULAR' },
      masterAuth: { clientKey: HIDDEN_SECRET, password: HIDDEN_SECRET, clusterCaCertificate: 'LS0t' },
    }),
  },
  sql: {
    assetType: 'sqladmin.googleapis.com/Instance',
    locations: regions,
    state: 'RUNNABLE',
    fullName: inProject('cloudsql', ({ name }) => `instances/${name}`),
    native: (project, { name, location, labels, createdAt, state }) => ({
      kind: 'sql#instance',
      name,
      project,
      region: location,
      state,
      createTime: createdAt.replace('Z', '.456Z'),
      databaseVersion: 'POSTGRES_17',
      instanceType: 'CLOUD_SQL_INSTANCE',
      rootPassword: HIDDEN_SECRET,
      currentDiskSize: '10737418240',
      settings: { tier: 'db-perf-optimized-N-2', userLabels: labels },
    }),
  },
  spanner: {
    assetType: 'spanner.googleapis.com/Instance',
    locations: regions,
    state: 'READY',
    fullName: inProject('spanner', ({ name }) => `instances/${name}`),
    native: (project, { name, location, labels, createdAt, state }) => ({
      name: `projects/${project}/instances/${name}`,
      displayName: name,
      config: `projects/${project}/instanceConfigs/regional-${location}`,
      nodeCount: 1,
      state,
      labels,
      createTime: createdAt,
    }),
  },
  alloydb: {
    assetType: 'alloydb.googleapis.com/Cluster',
    locations: regions,
    state: 'READY',
    fullName: inProject('alloydb', ({ name, location }) => `locations/${location}/clusters/${name}`),
    native: (project, { name, location, labels, createdAt, state }) => ({
      name: `projects/${project}/locations/${location}/clusters/${name}`,
      state,
      labels,
      createTime: createdAt,
      databaseVersion: 'POSTGRES_16',
      initialUser: { user: 'postgres', password: HIDDEN_SECRET },
    }),
  },
  bucket: {
    assetType: 'storage.googleapis.com/Bucket',
    locations: ['us', 'europe-west1', 'eur4'],
    state: null,
    fullName: (_project, { name }) => `storage.googleapis.com/${name}`,
    native: (_project, { name, location, labels, createdAt }) => ({
      kind: 'storage#bucket',
      id: name,
      name,
      location: location.toUpperCase(),
      locationType: 'region',
      storageClass: 'STANDARD',
      timeCreated: createdAt.replace('Z', '.789Z'),
      labels,
    }),
  },
  function: {
    assetType: 'cloudfunctions.googleapis.com/Function',
    locations: regions,
    state: 'ACTIVE',
    fullName: inProject('cloudfunctions', ({ name, location }) => `locations/${location}/functions/${name}`),
    native: (project, { name, location, labels, createdAt, state }) => ({
      name: `projects/${project}/locations/${location}/functions/${name}`,
      state,
      labels,
      createTime: createdAt,
      environment: 'GEN_2',
      url: `https://${location}-${project}.cloudfunctions.net/${name}`,
      buildConfig: { runtime: 'nodejs24', environmentVariables: { TOKEN: HIDDEN_SECRET } },
      serviceConfig: { environmentVariables: { DB_PASSWORD: HIDDEN_SECRET } },
    }),
  },
  service: {
    assetType: 'run.googleapis.com/Service',
    locations: regions,
    state: null,
    fullName: inProject('run', ({ name, location }) => `locations/${location}/services/${name}`),
    native: (project, { name, location, labels, createdAt }) => ({
      name: `projects/${project}/locations/${location}/services/${name}`,
      labels,
      createTime: createdAt,
      uri: `https://${name}-abc123-ew.a.run.app`,
      ingress: 'INGRESS_TRAFFIC_ALL',
      template: { containers: [{ image: 'gcr.io/p/web', env }] },
      annotations: { note: HIDDEN_SECRET },
    }),
  },
  repository: {
    assetType: 'artifactregistry.googleapis.com/Repository',
    locations: regions,
    state: null,
    fullName: inProject('artifactregistry', ({ name, location }) => `locations/${location}/repositories/${name}`),
    native: (project, { name, location, labels, createdAt }) => ({
      name: `projects/${project}/locations/${location}/repositories/${name}`,
      format: 'DOCKER',
      mode: 'STANDARD_REPOSITORY',
      labels,
      createTime: createdAt,
      registryUri: `${location}-docker.pkg.dev/${project}/${name}`,
      sizeBytes: '123456',
      description: HIDDEN_SECRET,
    }),
  },
} as const satisfies Readonly<Record<string, KindOfResource>>;

export type KindName = keyof typeof kinds;
export type Sizes = { readonly [K in KindName]?: number };
export const kindNames = Object.keys(kinds) as KindName[];
