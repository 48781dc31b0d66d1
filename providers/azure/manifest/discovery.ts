import type { DiscoveryManifest, ResourceKind } from '../../manifests/types.ts';
import { readAction, typesOf } from './resource-types.ts';

/** The role that reads everything but secrets: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const GRANT = 'Reader, on the subscription';

const labels: Readonly<Record<string, string>> = {
  instance: 'Virtual machines and scale sets',
  kubernetes: 'Kubernetes clusters (AKS)',
  database: 'Databases',
  container_service: 'Container apps and web apps',
  function: 'Function apps',
  load_balancer: 'Load balancers and application gateways',
  registry: 'Container registries',
  private_network: 'Virtual networks',
  volume: 'Managed disks',
  object_storage: 'Storage accounts',
};

export const discovery: DiscoveryManifest = {
  projectKind: 'subscription',
  sources: {
    'resource-graph':
      "by Azure Resource Graph, as Azure's index has it: what was made just now may take minutes to show",
    arm: "by Azure Resource Manager's own lists, where Resource Graph is refused or unavailable",
  },
  kinds: [
    {
      id: 'subscription',
      label: 'Subscriptions',
      scope: 'account',
      needs: ['Microsoft.Resources/subscriptions/read'],
      grant: GRANT,
    },
    ...Object.entries(labels).map(([id, label]): ResourceKind => ({
      id,
      label,
      scope: 'project',
      needs: typesOf(id).map(readAction),
      grant: GRANT,
    })),
  ],
};
