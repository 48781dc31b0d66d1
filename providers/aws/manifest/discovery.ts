import type { DiscoveryManifest, ResourceKind } from '../../manifests/types.ts';

const statementOf = (actions: readonly string[]) => ({ Effect: 'Allow', Action: actions, Resource: '*' });

const kind = (id: string, label: string, scope: ResourceKind['scope'], ...needs: readonly string[]): ResourceKind => ({
  id,
  label,
  scope,
  needs,
  grant: JSON.stringify(statementOf(needs)),
});

const TAGS = 'tag:GetResources';

/** A region of AWS is what other clouds call a project: nearly every list is made in one of them. */
export const discovery: DiscoveryManifest = {
  projectKind: 'region',
  sources: { api: "The services' own lists, in each region that the account has enabled" },
  kinds: [
    kind('region', 'Regions', 'account', 'ec2:DescribeRegions'),
    kind('instance', 'Instances', 'project', 'ec2:DescribeInstances'),
    kind('volume', 'Block storage volumes', 'project', 'ec2:DescribeVolumes'),
    kind('kubernetes', 'Kubernetes clusters', 'project', 'eks:ListClusters', 'eks:DescribeCluster'),
    kind('database', 'Databases', 'project', 'rds:DescribeDBInstances', 'rds:DescribeDBClusters'),
    kind('object_storage', 'Object storage', 'account', 's3:ListAllMyBuckets', TAGS),
    kind('load_balancer', 'Load balancers', 'project', 'elasticloadbalancing:DescribeLoadBalancers', TAGS),
    kind('function', 'Functions', 'project', 'lambda:ListFunctions', TAGS),
    kind('registry', 'Container registries', 'project', 'ecr:DescribeRepositories', TAGS),
    kind('private_network', 'Private networks', 'project', 'ec2:DescribeVpcs'),
    kind('container_service', 'Container services', 'project', 'ecs:ListClusters', 'ecs:DescribeClusters'),
  ],
};

/** Every action that discovery uses. None of them reads what a resource holds. */
export const listActions: readonly string[] = [
  ...new Set([...discovery.kinds.flatMap(({ needs }) => needs), 'account:ListRegions']),
];

/** What a session for discovery may do, and what a role needs that is to be listed and nothing else. */
export const listPolicy = (indent?: number): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [statementOf(listActions)] }, null, indent);
