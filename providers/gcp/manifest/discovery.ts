import type { DiscoveryManifest, ResourceKind } from '../../manifests/types.ts';

const all = 'or, for all kinds at once, Cloud Asset Viewer (roles/cloudasset.viewer)';

/**
 * What is looked for. The rights are those of each service's own list: Cloud Asset, which answers all kinds in one call,
 * is not available everywhere.
 */
export const discovery: DiscoveryManifest = {
  projectKind: 'project',
  sources: {
    asset: 'Cloud Asset Inventory, which answers all kinds of a project together, some minutes after a change',
    services: 'the lists of each service, where Cloud Asset Inventory cannot be used',
  },
  kinds: [
    kind('project', 'Projects', ['resourcemanager.projects.get'], 'Browser (roles/browser) on the project'),
    kind('instance', 'Instances', ['compute.instances.list'], `Compute Viewer (roles/compute.viewer), ${all}`),
    kind(
      'kubernetes',
      'Kubernetes clusters',
      ['container.clusters.list'],
      `Kubernetes Engine Cluster Viewer (roles/container.clusterViewer), ${all}`,
    ),
    kind(
      'database',
      'Databases',
      ['cloudsql.instances.list', 'spanner.instances.list', 'alloydb.clusters.list'],
      `Cloud SQL Viewer (roles/cloudsql.viewer), Cloud Spanner Viewer (roles/spanner.viewer) and AlloyDB Viewer (roles/alloydb.viewer), ${all}`,
    ),
    kind(
      'object_storage',
      'Object storage buckets',
      ['storage.buckets.list'],
      `Storage Bucket Viewer (roles/storage.bucketViewer), ${all}`,
    ),
    kind(
      'load_balancer',
      'Load balancers',
      ['compute.forwardingRules.list', 'compute.globalForwardingRules.list'],
      `Compute Viewer (roles/compute.viewer), ${all}`,
    ),
    kind(
      'function',
      'Functions',
      ['cloudfunctions.functions.list'],
      `Cloud Functions Viewer (roles/cloudfunctions.viewer), ${all}`,
    ),
    kind(
      'container_service',
      'Container services',
      ['run.services.list', 'run.locations.list'],
      `Cloud Run Viewer (roles/run.viewer), ${all}`,
    ),
    kind(
      'registry',
      'Container registries',
      ['artifactregistry.repositories.list', 'artifactregistry.locations.list'],
      `Artifact Registry Reader (roles/artifactregistry.reader), ${all}`,
    ),
    kind(
      'private_network',
      'Private networks',
      ['compute.networks.list'],
      `Compute Viewer (roles/compute.viewer), ${all}`,
    ),
    kind('volume', 'Block storage volumes', ['compute.disks.list'], `Compute Viewer (roles/compute.viewer), ${all}`),
  ],
};

function kind(id: string, label: string, needs: readonly string[], grant: string): ResourceKind {
  return { id, label, scope: id === 'project' ? 'account' : 'project', needs, grant };
}

const noReadOnlyAccess = 'Google has no read-only access to it that a sign-in could ask for.';

/** Of the read-only sign-in; by the official descriptions of the APIs, which name the scopes of each method. */
export const notByReadOnlySignIn: Readonly<Record<string, string>> = {
  database: `Cloud SQL, Spanner and AlloyDB: ${noReadOnlyAccess}`,
  function: `Cloud Functions: ${noReadOnlyAccess}`,
};
