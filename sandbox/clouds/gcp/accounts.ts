import type { OAuthApplication } from '../../oauth/clients.ts';

/** A person or a service account that can hold roles on projects. */
export interface Member {
  /** Stable, as `sub` says it. */
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** Ids of the projects that its roles let it see from the start. */
  readonly sees: readonly string[];
}

export interface ServiceAccount extends Member {
  /** The project that it belongs to, and that its calls are counted for. */
  readonly projectId: string;
}

/** The people of the simulated Google. The last one has a Google account and no role anywhere. */
export const people: readonly [Member, ...Member[]] = [
  {
    id: '110000000000000000001',
    email: 'ada@lindqvist.example',
    name: 'Ada Lindqvist',
    sees: ['lindqvist-web', 'lindqvist-data', 'lindqvist-old', 'lindqvist-lab'],
  },
  { id: '110000000000000000002', email: 'bruno@okafor.example', name: 'Bruno Okafor', sees: ['okafor-shop'] },
  { id: '110000000000000000003', email: 'chloe@moreau.example', name: 'Chloé Moreau', sees: [] },
];

/** Made by Ada for Mooring; the second one was given no role yet. */
export const serviceAccounts: readonly [ServiceAccount, ...ServiceAccount[]] = [
  serviceAccount('mooring', '120000000000000000001', ['lindqvist-web', 'lindqvist-data', 'lindqvist-lab']),
  serviceAccount('newcomer', '120000000000000000002', []),
];

function serviceAccount(name: string, id: string, sees: readonly string[]): ServiceAccount {
  const projectId = 'lindqvist-web';
  return { id, email: `${name}@${projectId}.iam.gserviceaccount.com`, name, sees, projectId };
}

export const members: readonly Member[] = [...people, ...serviceAccounts];

/** Number of the project that Mooring's OAuth client belongs to. */
export const clientProjectNumber = '909090909099';

export const application: OAuthApplication = {
  clientId: `${clientProjectNumber}-sandbox.apps.googleusercontent.com`,
  clientSecret: 'GOCSPX-sandbox-client-secret',
  name: 'Mooring',
  flow: 'authorization_code',
};

/** In every `iss`, whatever address the sandbox is reached at. Nothing is ever fetched from it. */
export const issuer = 'https://accounts.google.sandbox.example';

/** The services that resources are listed at, by the first part of their hosts' names. */
const serviceUrls = [
  ['GCP_CLOUD_ASSET_URL', 'cloudasset'],
  ['GCP_COMPUTE_URL', 'compute'],
  ['GCP_CONTAINER_URL', 'container'],
  ['GCP_SQL_ADMIN_URL', 'sqladmin'],
  ['GCP_SPANNER_URL', 'spanner'],
  ['GCP_ALLOYDB_URL', 'alloydb'],
  ['GCP_STORAGE_URL', 'storage'],
  ['GCP_RUN_URL', 'run'],
  ['GCP_CLOUD_FUNCTIONS_URL', 'cloudfunctions'],
  ['GCP_ARTIFACT_REGISTRY_URL', 'artifactregistry'],
] as const;

/** What the operator of a real installation would set. */
export function gcpEnvironment(origin: string): Record<string, string> {
  const base = `${origin}/gcp`;
  return {
    GCP_ISSUER_URL: issuer,
    GCP_AUTHORIZE_URL: `${base}/authorize`,
    GCP_TOKEN_URL: `${base}/token`,
    GCP_REVOKE_URL: `${base}/revoke`,
    GCP_USERINFO_URL: `${base}/userinfo`,
    GCP_RESOURCE_MANAGER_URL: base,
    ...Object.fromEntries(serviceUrls.map(([variable, service]) => [variable, `${base}/services/${service}`])),
    GCP_CONSOLE_URL: `${base}/console`,
    GCP_CLIENT_ID: application.clientId,
    GCP_CLIENT_SECRET: application.clientSecret,
  };
}

const scopeNamed = (name: string): string => `https://www.googleapis.com/auth/${name}`;

/** Those that a person gives or refuses box by box. */
export const cloudScopes: readonly string[] = [
  scopeNamed('cloud-platform'),
  scopeNamed('cloud-platform.read-only'),
  scopeNamed('compute.readonly'),
  scopeNamed('container.read-only'),
  scopeNamed('run.readonly'),
];

/** The scopes that this simulation knows, as the consent page words them. */
export const scopeTexts: Readonly<Record<string, string>> = {
  openid: 'Associate you with your personal info on Google',
  'https://www.googleapis.com/auth/userinfo.email': 'See your primary Google Account email address',
  'https://www.googleapis.com/auth/cloud-platform':
    'See, edit, configure, and delete your Google Cloud data and see the email address for your Google Account',
  'https://www.googleapis.com/auth/cloud-platform.read-only': 'View your data across Google Cloud services',
  'https://www.googleapis.com/auth/compute.readonly': 'View your Google Compute Engine resources',
  'https://www.googleapis.com/auth/container.read-only': 'View your Google Kubernetes Engine resources',
  'https://www.googleapis.com/auth/run.readonly': 'View your Google Cloud Run resources',
};

export const split = (scope: string | null): string[] => (scope ?? '').split(' ').filter((one) => one !== '');
