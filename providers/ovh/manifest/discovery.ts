import type { DiscoveryManifest, ResourceKind } from '../../manifests/types.ts';

/** What is looked for, in the order in which people look. `project` is listed by itself, the others in lists of their own. */
export const kinds = [
  kind('project', 'Public Cloud projects', 'account', ['/cloud/project', '/cloud/project/*'], [project('get')]),
  kind('instance', 'Instances', 'project', [inProject('instance')], [project('instance/get')]),
  kind('kubernetes', 'Kubernetes clusters', 'project', [inProject('kube')], [project('kube/get')]),
  kind('database', 'Databases', 'project', [inProject('database/service')], [project('database/service/get')]),
  kind('load_balancer', 'Load balancers', 'project', [inProject('loadbalancer')], [project('loadbalancer/get')]),
  kind(
    'registry',
    'Container registries',
    'project',
    [inProject('containerRegistry'), inProject('region')],
    [project('containerRegistry/get'), project('containerRegistry/plan/get'), project('region/get')],
  ),
  kind(
    'private_network',
    'Private networks',
    'project',
    [inProject('network/private')],
    [project('network/private/get')],
  ),
  kind('volume', 'Block storage volumes', 'project', [inProject('volume')], [project('volume/get')]),
  kind(
    'object_storage_s3',
    'Object storage (S3)',
    'project',
    [inProject('region')],
    [project('region/get'), project('region/storage/get')],
  ),
  kind('object_storage_swift', 'Object storage (Swift)', 'project', [inProject('storage')], [project('storage/get')]),
  kind('dedicated_server', 'Dedicated servers', 'account', ['/dedicated/server*'], ['dedicatedServer:apiovh:get']),
] as const;

export type OvhKindId = (typeof kinds)[number]['id'];

export const discovery: DiscoveryManifest = {
  projectKind: 'project' satisfies OvhKindId,
  sources: {
    cli: 'Listed by the ovhcloud program.',
    rest: "Listed over OVHcloud's REST API, by the same requests.",
  },
  kinds,
};

function project(action: string): string {
  return `publicCloudProject:apiovh:${action}`;
}

/** The star behind it covers the list and its details, which are two calls to OVHcloud. */
function inProject(path: string): string {
  return `/cloud/project/*/${path}*`;
}

/** `paths` as access rules have them, `actions` as IAM has them: a credential has rights of one of the two sorts. */
function kind<const I extends string>(
  id: I,
  label: string,
  scope: ResourceKind['scope'],
  paths: readonly string[],
  actions: readonly string[],
): ResourceKind & { readonly id: I } {
  const needs = paths.map((path) => `GET ${path}`);
  return { id, label, scope, needs, grant: `${ruleGrant(needs)}\n${actionGrant(actions)}` };
}

function ruleGrant(rules: readonly string[]): string {
  return `API keys: make a consumer key that has the access rule${rules.length > 1 ? 's' : ''} ${rules.join(' and ')} too.`;
}

function actionGrant(actions: readonly string[]): string {
  return `Service accounts and users: allow ${actions.join(' and ')} in an IAM policy.`;
}
