import type { ResourceKind } from '../../listing/lister.ts';

/** What is looked for, in the order in which people look. */
export const ovhKinds = [
  { id: 'project', label: 'Public Cloud projects', scope: 'account' },
  { id: 'instance', label: 'Instances', scope: 'project' },
  { id: 'kubernetes', label: 'Kubernetes clusters', scope: 'project' },
  { id: 'database', label: 'Databases', scope: 'project' },
  { id: 'load_balancer', label: 'Load balancers', scope: 'project' },
  { id: 'registry', label: 'Container registries', scope: 'project' },
  { id: 'private_network', label: 'Private networks', scope: 'project' },
  { id: 'volume', label: 'Block storage volumes', scope: 'project' },
  { id: 'object_storage_s3', label: 'Object storage (S3)', scope: 'project' },
  { id: 'object_storage_swift', label: 'Object storage (Swift)', scope: 'project' },
  { id: 'dedicated_server', label: 'Dedicated servers', scope: 'account' },
] as const satisfies readonly ResourceKind[];

export type OvhKindId = (typeof ovhKinds)[number]['id'];
