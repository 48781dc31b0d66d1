import { serviceAccounts } from './accounts.ts';
import type { KindName, Resource, Sizes } from './inventory/kinds.ts';
import type { Project } from './inventory/projects.ts';
import type { KeyFile } from './keys.ts';

/** What customers of the simulated Google Cloud do. Service accounts and people go by their addresses. */
export interface GcpControl {
  /** A new key file; left out: of the first service account, whose roles let it see projects. */
  createKey(serviceAccount?: string): Promise<KeyFile>;
  deleteKey(serviceAccount: string, keyId: string): Promise<void>;
  /** Replaces the projects that a member's roles let it see. */
  grant(member: string, projectIds: readonly string[]): Promise<void>;
  /** Withdraws Mooring's access in a person's Google account. Answers how many grants. */
  revokeAccount(email: string): Promise<number>;
  /** Every project with how many there are of each kind, and every member with what they may not do. */
  inventory(): Promise<GcpHoldings>;
  addProject(project: { projectId: string; displayName?: string }): Promise<Project>;
  /** Marks it for deletion, as the console does. */
  removeProject(projectId: string): Promise<void>;
  /** E.g. `{instance: 5000}`. Answers how many there are then. */
  resize(projectId: string, sizes: Sizes): Promise<Sizes>;
  resources(projectId: string, kind: KindName): Promise<readonly Resource[]>;
  /** Changes the resource of that name, or adds it. */
  put(projectId: string, kind: KindName, name: string, fields?: Partial<Resource>): Promise<Resource>;
  remove(projectId: string, kind: KindName, name: string): Promise<void>;
  /** The permissions that a member's roles lack from now on, all others being in them. */
  deny(member: string, permissions: readonly string[]): Promise<void>;
}

export interface GcpHoldings {
  readonly projects: readonly (Project & { readonly sizes: Sizes })[];
  readonly members: readonly {
    readonly email: string;
    readonly sees: readonly string[];
    readonly deniedPermissions: readonly string[];
  }[];
}

type Call = <T>(method: string, path: string, body?: unknown) => Promise<T>;

export function createGcpControl(call: Call, url: string): GcpControl {
  const at = (...segments: string[]) => `/gcp/${segments.map(encodeURIComponent).join('/')}`;
  return {
    createKey: (account = serviceAccounts[0].email) =>
      call('POST', `${at('service-accounts', account)}/keys`, { tokenUri: `${url}/gcp/token` }),
    deleteKey: (account, keyId) => call('DELETE', `${at('service-accounts', account)}/keys/${keyId}`),
    grant: (member, projectIds) => call('PUT', `${at('members', member)}/projects`, projectIds),
    revokeAccount: async (email) =>
      (await call<{ revoked: number }>('POST', `${at('accounts', email)}/revoke`)).revoked,
    inventory: () => call('GET', '/gcp/inventory'),
    addProject: (project) => call('POST', '/gcp/projects', project),
    removeProject: (projectId) => call('DELETE', at('projects', projectId)),
    resize: (projectId, sizes) => call('PUT', at('projects', projectId, 'sizes'), sizes),
    resources: (projectId, kind) => call('GET', at('projects', projectId, kind)),
    put: (projectId, kind, name, fields = {}) => call('PUT', at('projects', projectId, kind, name), fields),
    remove: (projectId, kind, name) => call('DELETE', at('projects', projectId, kind, name)),
    deny: (member, permissions) => call('PUT', at('members', member, 'denied-permissions'), permissions),
  };
}
