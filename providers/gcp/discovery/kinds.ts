/** The asset types of each kind, as Cloud Asset Inventory names them. All but those of `project` are searched for. */
export const assetTypes = {
  instance: ['compute.googleapis.com/Instance'],
  kubernetes: ['container.googleapis.com/Cluster'],
  database: ['sqladmin.googleapis.com/Instance', 'spanner.googleapis.com/Instance', 'alloydb.googleapis.com/Cluster'],
  object_storage: ['storage.googleapis.com/Bucket'],
  load_balancer: ['compute.googleapis.com/ForwardingRule', 'compute.googleapis.com/GlobalForwardingRule'],
  // `CloudFunction` is the first generation alone; `Function` is both.
  function: ['cloudfunctions.googleapis.com/Function'],
  container_service: ['run.googleapis.com/Service'],
  registry: ['artifactregistry.googleapis.com/Repository'],
  private_network: ['compute.googleapis.com/Network'],
  volume: ['compute.googleapis.com/Disk', 'compute.googleapis.com/RegionDisk'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type GcpKind = keyof typeof assetTypes;
export type AssetType = (typeof assetTypes)[GcpKind][number];

export const gcpKinds = Object.keys(assetTypes) as GcpKind[];

const kindsByType = new Map<string, GcpKind>(
  gcpKinds.flatMap((kind) => assetTypes[kind].map((type) => [type, kind] as const)),
);

export const kindOfAsset = (assetType: string): GcpKind | undefined => kindsByType.get(assetType);

export const isGcpKind = (kind: string): kind is GcpKind => Object.hasOwn(assetTypes, kind);
