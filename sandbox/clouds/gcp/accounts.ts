import type { OAuthApplication } from '../../oauth/clients.ts';
import type { Tables } from '../../core/tables.ts';

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

export interface Project {
  readonly projectId: string;
  readonly number: string;
  readonly displayName: string;
  readonly state: 'ACTIVE' | 'DELETE_REQUESTED';
}

export const projects: readonly Project[] = [
  { projectId: 'lindqvist-web', number: '101010101011', displayName: 'Lindqvist Web', state: 'ACTIVE' },
  { projectId: 'lindqvist-data', number: '101010101012', displayName: 'Lindqvist Data', state: 'ACTIVE' },
  { projectId: 'lindqvist-old', number: '101010101013', displayName: 'Lindqvist Old', state: 'DELETE_REQUESTED' },
  { projectId: 'lindqvist-lab', number: '101010101014', displayName: 'Lindqvist Lab', state: 'ACTIVE' },
  { projectId: 'okafor-shop', number: '202020202021', displayName: 'Okafor Shop', state: 'ACTIVE' },
];

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
    GCP_CONSOLE_URL: `${base}/console`,
    GCP_CLIENT_ID: application.clientId,
    GCP_CLIENT_SECRET: application.clientSecret,
  };
}

export const cloudScopes: readonly string[] = [
  'https://www.googleapis.com/auth/cloud-platform',
  'https://www.googleapis.com/auth/cloud-platform.read-only',
];

/** The scopes that this simulation knows, as the consent page words them. */
export const scopeTexts: Readonly<Record<string, string>> = {
  openid: 'Associate you with your personal info on Google',
  'https://www.googleapis.com/auth/userinfo.email': 'See your primary Google Account email address',
  'https://www.googleapis.com/auth/cloud-platform':
    'See, edit, configure, and delete your Google Cloud data and see the email address for your Google Account',
  'https://www.googleapis.com/auth/cloud-platform.read-only': 'View your data across Google Cloud services',
};

export const split = (scope: string | null): string[] => (scope ?? '').split(' ').filter((one) => one !== '');

/** The projects that each member can see. */
export interface Roles {
  visible(member: Member): readonly Project[];
  /** Replaces what a member can see. False where there is no such member or project. */
  grant(email: string, projectIds: readonly string[]): boolean;
}

export function createRoles(tables: Tables): Roles {
  const changed = tables.table<readonly string[]>('gcp.roles');
  return {
    visible({ email, sees }) {
      const ids = changed.get(email) ?? sees;
      return projects.filter(({ projectId }) => ids.includes(projectId));
    },
    grant(email, projectIds) {
      const known = projectIds.every((id) => projects.some(({ projectId }) => projectId === id));
      if (!known || !members.some((member) => member.email === email)) return false;
      changed.put(email, projectIds);
      return true;
    },
  };
}
