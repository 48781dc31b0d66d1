import { unreachable } from '../failures.ts';
import {
  alloydbPage,
  alloydbRow,
  bucketRow,
  clusterRow,
  clustersPage,
  functionRow,
  functionsPage,
  itemsPage,
  spannerPage,
  spannerRow,
  sqlPage,
  sqlRow,
} from '../replies.ts';
import {
  lastSegment,
  projectPath,
  readFacts,
  readList,
  type Found,
  type ServiceCall,
  type ServiceList,
} from './service.ts';

const locationOf = (path: string): string => /\/locations\/([^/]+)\//.exec(path)?.[1] ?? 'global';

/** Adds what a reply names as missing. */
const missing = ({ facts, losses }: Found, places: readonly string[] | undefined, call: ServiceCall): Found => ({
  facts,
  losses: [...losses, ...(places ?? []).map((place) => unreachable(lastSegment(place), call.asked))],
});

/** Services with one list for the whole project. */
export const projectLists: readonly ServiceList[] = [
  {
    kind: 'kubernetes',
    assetTypes: ['container.googleapis.com/Cluster'],
    url: 'container',
    service: 'Kubernetes Engine',
    api: 'container.googleapis.com',
    grant: 'Kubernetes Engine Cluster Viewer (roles/container.clusterViewer)',
    isEmptyWhereDisabled: true,
    read: async (call) =>
      await readList(call, {
        path: `/v1/${projectPath(call)}/locations/-/clusters`,
        schema: clustersPage,
        read: (page) => {
          const found = readFacts('clusters' in page ? page.clusters : [], clusterRow, call.asked, (row) => ({
            name: `container.googleapis.com/projects/${call.project}/locations/${row.location}/clusters/${row.name}`,
            assetType: 'container.googleapis.com/Cluster',
            location: row.location,
            labels: row.resourceLabels,
            createdAt: row.createTime,
            status: row.status,
            url: row.endpoint && `https://${row.endpoint}`,
            summary: { releaseChannel: row.releaseChannel?.channel },
          }));
          return missing(found, page.missingZones, call);
        },
      }),
  },
  {
    kind: 'database',
    assetTypes: ['sqladmin.googleapis.com/Instance'],
    url: 'sqlAdmin',
    service: 'Cloud SQL',
    api: 'sqladmin.googleapis.com',
    grant: 'Cloud SQL Viewer (roles/cloudsql.viewer)',
    isEmptyWhereDisabled: false,
    read: async (call) =>
      await readList(call, {
        path: `/v1/${projectPath(call)}/instances`,
        parameters: { maxResults: '500' },
        schema: sqlPage,
        read: (page) => {
          const found = readFacts('items' in page ? page.items : [], sqlRow, call.asked, (row) => ({
            name: `cloudsql.googleapis.com/projects/${call.project}/instances/${row.name}`,
            assetType: 'sqladmin.googleapis.com/Instance',
            location: row.region,
            labels: row.settings?.userLabels,
            createdAt: row.createTime,
            status: row.state,
            summary: { version: row.databaseVersion, tier: row.settings?.tier, type: row.instanceType },
          }));
          return missing(
            found,
            page.warnings?.map(({ region, code }) => region || code || 'a region'),
            call,
          );
        },
      }),
  },
  {
    kind: 'database',
    assetTypes: ['spanner.googleapis.com/Instance'],
    url: 'spanner',
    service: 'Spanner',
    api: 'spanner.googleapis.com',
    grant: 'Cloud Spanner Viewer (roles/spanner.viewer)',
    isEmptyWhereDisabled: true,
    read: async (call) =>
      await readList(call, {
        path: `/v1/${projectPath(call)}/instances`,
        parameters: { pageSize: '500' },
        schema: spannerPage,
        read: (page) => {
          const found = readFacts('instances' in page ? page.instances : [], spannerRow, call.asked, (row) => ({
            name: `spanner.googleapis.com/projects/${call.project}/instances/${lastSegment(row.name)}`,
            assetType: 'spanner.googleapis.com/Instance',
            displayName: row.displayName,
            location: row.config && lastSegment(row.config),
            labels: row.labels,
            createdAt: row.createTime,
            status: row.state,
          }));
          return missing(found, page.unreachable, call);
        },
      }),
  },
  {
    kind: 'database',
    assetTypes: ['alloydb.googleapis.com/Cluster'],
    url: 'alloyDb',
    service: 'AlloyDB',
    api: 'alloydb.googleapis.com',
    grant: 'AlloyDB Viewer (roles/alloydb.viewer)',
    isEmptyWhereDisabled: true,
    read: async (call) =>
      await readList(call, {
        path: `/v1/${projectPath(call)}/locations/-/clusters`,
        parameters: { pageSize: '500' },
        schema: alloydbPage,
        read: (page) => {
          const found = readFacts('clusters' in page ? page.clusters : [], alloydbRow, call.asked, (row) => ({
            name: `alloydb.googleapis.com/projects/${call.project}/locations/${locationOf(row.name)}/clusters/${lastSegment(row.name)}`,
            assetType: 'alloydb.googleapis.com/Cluster',
            displayName: row.displayName,
            location: locationOf(row.name),
            labels: row.labels,
            createdAt: row.createTime,
            status: row.state,
            summary: { version: row.databaseVersion },
          }));
          return missing(found, page.unreachable, call);
        },
      }),
  },
  {
    kind: 'object_storage',
    assetTypes: ['storage.googleapis.com/Bucket'],
    url: 'storage',
    service: 'Cloud Storage',
    api: 'storage.googleapis.com',
    grant: 'Storage Bucket Viewer (roles/storage.bucketViewer)',
    isEmptyWhereDisabled: true,
    read: async (call) =>
      await readList(call, {
        path: '/storage/v1/b',
        parameters: { project: call.project, maxResults: '500', returnPartialSuccess: 'true' },
        schema: itemsPage,
        read: (page) => {
          const found = readFacts(page.items ?? [], bucketRow, call.asked, (row) => ({
            name: `storage.googleapis.com/${row.name}`,
            assetType: 'storage.googleapis.com/Bucket',
            location: row.location,
            labels: row.labels,
            createdAt: row.timeCreated,
            summary: { storageClass: row.storageClass, locationType: row.locationType },
          }));
          return missing(found, page.unreachable, call);
        },
      }),
  },
  {
    kind: 'function',
    assetTypes: ['cloudfunctions.googleapis.com/Function'],
    url: 'cloudFunctions',
    service: 'Cloud Functions',
    api: 'cloudfunctions.googleapis.com',
    grant: 'Cloud Functions Viewer (roles/cloudfunctions.viewer)',
    isEmptyWhereDisabled: true,
    read: async (call) =>
      await readList(call, {
        path: `/v2/${projectPath(call)}/locations/-/functions`,
        parameters: { pageSize: '500' },
        schema: functionsPage,
        read: (page) => {
          const found = readFacts('functions' in page ? page.functions : [], functionRow, call.asked, (row) => ({
            name: `cloudfunctions.googleapis.com/projects/${call.project}/locations/${locationOf(row.name)}/functions/${lastSegment(row.name)}`,
            assetType: 'cloudfunctions.googleapis.com/Function',
            location: locationOf(row.name),
            labels: row.labels,
            createdAt: row.createTime,
            status: row.state,
            url: row.url,
            summary: { runtime: row.buildConfig?.runtime, generation: row.environment },
          }));
          return missing(found, page.unreachable, call);
        },
      }),
  },
];
