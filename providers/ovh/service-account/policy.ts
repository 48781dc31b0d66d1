/** What a service account may do in its projects. */
export type Access = 'read' | 'manage';

/** Whatever discovery asks for, and nothing beyond reading. */
const READ = [
  'get',
  'operation/get',
  'region/get',
  'instance/get',
  'network/private/get',
  'volume/get',
  'kube/get',
  'database/service/get',
  'loadbalancer/get',
  'containerRegistry/get',
  'containerRegistry/plan/get',
  'region/storage/get',
  'storage/get',
];

const MANAGE = ['instance/*', 'network/*', 'volume/*', 'kube/*'];

export interface PolicyTerms {
  /** `ovh-eu`, … */
  readonly region: string;
  readonly nichandle: string;
  readonly clientId: string;
  readonly projects: readonly string[];
  readonly access: Access;
}

/** Identities, resources and permissions of `POST /v2/iam/policy`: the least that the chosen access needs. */
export function policyFor({ region, nichandle, clientId, projects, access }: PolicyTerms) {
  const urn = `urn:v1:${region.replace(/^ovh-/, '')}`;
  const actions = access === 'manage' ? [...READ, ...MANAGE] : READ;
  return {
    identities: [`${urn}:identity:credential:${nichandle}/oauth2-${clientId}`],
    resources: projects.map((id) => ({ urn: `${urn}:resource:publicCloudProject:${id}` })),
    permissions: { allow: actions.map((action) => ({ action: `publicCloudProject:apiovh:${action}` })) },
  };
}
