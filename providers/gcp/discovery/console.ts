/** Pages of the console, by asset type. `{place}` stands for the segment after `zones`, `regions` or `locations`. */
const pages: Readonly<Record<string, string>> = {
  'cloudresourcemanager.googleapis.com/Project': 'home/dashboard',
  'compute.googleapis.com/Instance': 'compute/instancesDetail/zones/{place}/instances/{name}',
  'compute.googleapis.com/Disk': 'compute/disksDetail/zones/{place}/disks/{name}',
  'compute.googleapis.com/RegionDisk': 'compute/disksDetail/regions/{place}/disks/{name}',
  'compute.googleapis.com/Network': 'networking/networks/details/{name}',
  // A rule has no page of its own: its load balancer has, under a name that the rule does not say.
  'compute.googleapis.com/ForwardingRule': 'net-services/loadbalancing/list/loadBalancers',
  'compute.googleapis.com/GlobalForwardingRule': 'net-services/loadbalancing/list/loadBalancers',
  'container.googleapis.com/Cluster': 'kubernetes/clusters/details/{place}/{name}',
  'sqladmin.googleapis.com/Instance': 'sql/instances/{name}/overview',
  'spanner.googleapis.com/Instance': 'spanner/instances/{name}/details/databases',
  'alloydb.googleapis.com/Cluster': 'alloydb/clusters',
  'storage.googleapis.com/Bucket': 'storage/browser/{name}',
  'run.googleapis.com/Service': 'run/detail/{place}/{name}',
  'cloudfunctions.googleapis.com/Function': 'functions/details/{place}/{name}',
  'artifactregistry.googleapis.com/Repository': 'artifacts/docker/{project}/{place}/{name}',
};

/** The page of a resource below the console's address, with the project that it opens in. */
export function consolePage(assetType: string, id: string, project: string): string {
  const values: Readonly<Record<string, string>> = {
    name: id.slice(id.lastIndexOf('/') + 1),
    place: /\/(?:zones|regions|locations)\/([^/]+)\//.exec(id)?.[1] ?? '',
    project,
  };
  const page = (pages[assetType] ?? 'home/dashboard').replaceAll(/\{(\w+)\}/g, (_, value: string) =>
    encodeURIComponent(values[value] ?? ''),
  );
  return `/${page}?project=${encodeURIComponent(project)}`;
}
