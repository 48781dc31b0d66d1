import type { Guarded } from '../access.ts';
import type { KindName } from '../inventory/kinds.ts';

/** How a list is answered. */
export type Shape =
  | { readonly form: 'assets' }
  /** By zone and region, in one list. */
  | { readonly form: 'aggregated'; readonly collection: string }
  | { readonly form: 'locations' }
  | {
      readonly form: 'list';
      readonly rows: string;
      /** What an empty reply says all the same. */
      readonly word?: string;
      readonly size: 'pageSize' | 'maxResults' | null;
      /** Where it names the places that did not answer. */
      readonly gaps?: 'unreachable' | 'missingZones' | 'warnings';
    };

/** One method of one API that lists. */
export interface ListMethod extends Guarded {
  /** Of the service's host, as its official description has it. */
  readonly path: string;
  readonly kinds: readonly KindName[];
  readonly shape: Shape;
}

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`;
const all = scope('cloud-platform');
const allToRead = scope('cloud-platform.read-only');

const compute = { service: 'compute.googleapis.com', scopes: [all, scope('compute.readonly')], isCountedThere: true };
const run = { service: 'run.googleapis.com', scopes: [all, scope('run.readonly')], isCountedThere: true };
const artifacts = { service: 'artifactregistry.googleapis.com', scopes: [all, allToRead], isCountedThere: true };
const aggregated = (collection: string, permission: string, kinds: readonly KindName[]): ListMethod => ({
  ...compute,
  id: `compute.${collection}.aggregatedList`,
  path: `/compute/v1/projects/{project}/aggregated/${collection}`,
  permission,
  kinds,
  shape: { form: 'aggregated', collection },
});

/** Their ids, paths and scopes are those of Google's own descriptions; a test compares them. */
export const listMethods: readonly ListMethod[] = [
  {
    id: 'cloudasset.searchAllResources',
    service: 'cloudasset.googleapis.com',
    path: '/v1/projects/{project}:searchAllResources',
    scopes: [all],
    permission: 'cloudasset.assets.searchAllResources',
    isCountedThere: false,
    kinds: [],
    shape: { form: 'assets' },
  },
  aggregated('instances', 'compute.instances.list', ['instance']),
  aggregated('disks', 'compute.disks.list', ['disk', 'regionDisk']),
  aggregated('forwardingRules', 'compute.forwardingRules.list', ['forwardingRule', 'globalForwardingRule']),
  {
    ...compute,
    id: 'compute.globalForwardingRules.list',
    path: '/compute/v1/projects/{project}/global/forwardingRules',
    permission: 'compute.globalForwardingRules.list',
    kinds: ['globalForwardingRule'],
    shape: { form: 'list', rows: 'items', word: 'compute#forwardingRuleList', size: 'maxResults' },
  },
  {
    ...compute,
    id: 'compute.networks.list',
    path: '/compute/v1/projects/{project}/global/networks',
    permission: 'compute.networks.list',
    kinds: ['network'],
    shape: { form: 'list', rows: 'items', word: 'compute#networkList', size: 'maxResults' },
  },
  {
    id: 'container.projects.locations.clusters.list',
    service: 'container.googleapis.com',
    path: '/v1/projects/{project}/locations/{location}/clusters',
    scopes: [all, scope('container.read-only')],
    permission: 'container.clusters.list',
    isCountedThere: true,
    kinds: ['cluster'],
    shape: { form: 'list', rows: 'clusters', size: null, gaps: 'missingZones' },
  },
  {
    id: 'sql.instances.list',
    service: 'sqladmin.googleapis.com',
    path: '/v1/projects/{project}/instances',
    scopes: [all, scope('sqlservice.admin')],
    permission: 'cloudsql.instances.list',
    isCountedThere: true,
    kinds: ['sql'],
    shape: { form: 'list', rows: 'items', size: 'maxResults', gaps: 'warnings' },
  },
  {
    id: 'spanner.projects.instances.list',
    service: 'spanner.googleapis.com',
    path: '/v1/projects/{project}/instances',
    scopes: [all, scope('spanner.admin')],
    permission: 'spanner.instances.list',
    isCountedThere: true,
    kinds: ['spanner'],
    shape: { form: 'list', rows: 'instances', size: 'pageSize', gaps: 'unreachable' },
  },
  {
    id: 'alloydb.projects.locations.clusters.list',
    service: 'alloydb.googleapis.com',
    path: '/v1/projects/{project}/locations/{location}/clusters',
    scopes: [all],
    permission: 'alloydb.clusters.list',
    isCountedThere: true,
    kinds: ['alloydb'],
    shape: { form: 'list', rows: 'clusters', size: 'pageSize', gaps: 'unreachable' },
  },
  {
    id: 'storage.buckets.list',
    service: 'storage.googleapis.com',
    path: '/storage/v1/b',
    scopes: [all, allToRead, scope('devstorage.read_only')],
    permission: 'storage.buckets.list',
    isCountedThere: true,
    kinds: ['bucket'],
    shape: { form: 'list', rows: 'items', word: 'storage#buckets', size: 'maxResults', gaps: 'unreachable' },
  },
  {
    ...run,
    id: 'run.projects.locations.list',
    path: '/v1/projects/{project}/locations',
    permission: 'run.locations.list',
    kinds: [],
    shape: { form: 'locations' },
  },
  {
    ...run,
    id: 'run.projects.locations.services.list',
    path: '/v2/projects/{project}/locations/{location}/services',
    permission: 'run.services.list',
    kinds: ['service'],
    shape: { form: 'list', rows: 'services', size: 'pageSize', gaps: 'unreachable' },
  },
  {
    id: 'cloudfunctions.projects.locations.functions.list',
    service: 'cloudfunctions.googleapis.com',
    path: '/v2/projects/{project}/locations/{location}/functions',
    scopes: [all],
    permission: 'cloudfunctions.functions.list',
    isCountedThere: true,
    kinds: ['function'],
    shape: { form: 'list', rows: 'functions', size: 'pageSize', gaps: 'unreachable' },
  },
  {
    ...artifacts,
    id: 'artifactregistry.projects.locations.list',
    path: '/v1/projects/{project}/locations',
    permission: 'artifactregistry.locations.list',
    kinds: [],
    shape: { form: 'locations' },
  },
  {
    ...artifacts,
    id: 'artifactregistry.projects.locations.repositories.list',
    path: '/v1/projects/{project}/locations/{location}/repositories',
    permission: 'artifactregistry.repositories.list',
    kinds: ['repository'],
    shape: { form: 'list', rows: 'repositories', size: 'pageSize' },
  },
];

/** The first part of a service's host: where its methods are below `/gcp/services/`. */
export const shortName = ({ service }: Guarded): string => service.replace('.googleapis.com', '');
