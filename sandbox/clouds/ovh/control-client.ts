import type { JsonObject } from '../../../platform/json.ts';
import type { Grant } from '../../oauth/grants.ts';
import type { Policy } from './iam/policies.ts';
import type { OAuthClientRow } from './iam/service-accounts.ts';
import type { Project } from './inventory/defaults.ts';
import type { KindName, Sizes } from './inventory/kinds/index.ts';

export interface OvhHoldings {
  readonly nichandle: string;
  readonly sizes: Sizes;
  readonly deniedActions: readonly string[];
  readonly projects: readonly { readonly id: string; readonly name: string; readonly sizes: Sizes }[];
}

export interface OvhGrant extends Pick<Grant, 'id' | 'account' | 'revokedAtMs'> {
  /** Each time that a refresh token of it came back after it was spent. */
  readonly spentAgainAtMs: readonly number[];
  /** The authorization code that it was given for; null where an application acts for itself. */
  readonly code: string | null;
}

/** What a customer of the simulated OVHcloud does with their resources. An owner is a project's id or a nichandle. */
export interface OvhControl {
  /** Every account with its projects, and how many there are of each kind. */
  inventory(): Promise<readonly OvhHoldings[]>;
  /** The projects of one account; the first account is Ada's, who signs in by default. */
  projects(nichandle?: string): Promise<OvhHoldings['projects']>;
  addProject(nichandle: string, project: { name: string; id?: string }): Promise<Project>;
  removeProject(id: string): Promise<void>;
  /** E.g. `{instance: 5000}`. Answers how many there are then. */
  resize(owner: string, sizes: Sizes): Promise<Sizes>;
  rows(owner: string, kind: KindName): Promise<readonly JsonObject[]>;
  /** Changes the resource with that id, or adds it; what `fields` does not say is generated. */
  put(owner: string, kind: KindName, id: string, fields?: JsonObject): Promise<JsonObject>;
  remove(owner: string, kind: KindName, id: string): Promise<void>;
  /** The IAM actions that an account's identities lack from now on, all others being granted. */
  deny(nichandle: string, actions: readonly string[]): Promise<void>;
  /** Keys of an application of their own and a consumer key that was approved; by default of Ada, with all rights. */
  createKeys(of?: OvhKeysRequest): Promise<OvhKeys>;
  deleteConsumerKey(consumerKey: string): Promise<void>;
  /** What a person does on the page that a consumer key's validation URL leads to. */
  decideConsumerKey(
    validationUrl: string,
    decision?: { account?: string; decision?: 'approve' | 'refuse' },
  ): Promise<void>;
  /** Service accounts and policies that were made, of all accounts. */
  iam(): Promise<{ readonly serviceAccounts: readonly OvhServiceAccount[]; readonly policies: readonly Policy[] }>;
  /** One that may do nothing yet, by default of Ada. */
  createServiceAccount(of?: Omit<OvhKeysRequest, 'rules'>): Promise<{ clientId: string; clientSecret: string }>;
  deleteServiceAccount(clientId: string): Promise<void>;
  /** Everything that was granted so far, revoked grants too. */
  grants(): Promise<readonly OvhGrant[]>;
}

export interface OvhKeys {
  readonly applicationKey: string;
  readonly applicationSecret: string;
  readonly consumerKey: string;
}

export interface OvhKeysRequest {
  readonly region?: string;
  readonly account?: string;
  readonly rules?: readonly { readonly method: string; readonly path: string }[];
}

export type OvhServiceAccount = Pick<OAuthClientRow, 'clientId' | 'name' | 'region' | 'account'>;

export function createOvhControl(
  call: <T>(method: string, path: string, body?: unknown) => Promise<T>,
  fetch: typeof globalThis.fetch,
): OvhControl {
  const at = (...segments: string[]) => `/ovh/${segments.map(encodeURIComponent).join('/')}`;
  const inventory = () => call<OvhHoldings[]>('GET', '/ovh/inventory');
  return {
    inventory,
    async projects(nichandle = 'la12345-ovh') {
      return (await inventory()).find((account) => account.nichandle === nichandle)?.projects ?? [];
    },
    addProject: (nichandle, project) => call('POST', at('accounts', nichandle, 'projects'), project),
    removeProject: (id) => call('DELETE', at('projects', id)),
    resize: (owner, sizes) => call('PUT', at('owners', owner, 'sizes'), sizes),
    rows: (owner, kind) => call('GET', at('owners', owner, kind)),
    put: (owner, kind, id, fields = {}) => call('PUT', at('owners', owner, kind, id), fields),
    remove: (owner, kind, id) => call('DELETE', at('owners', owner, kind, id)),
    deny: (nichandle, actions) => call('PUT', at('accounts', nichandle, 'denied-actions'), actions),
    createKeys: (of = {}) => call('POST', at('keys'), of),
    deleteConsumerKey: (consumerKey) => call('DELETE', at('keys', consumerKey)),
    async decideConsumerKey(validationUrl, { account = 'la12345-ovh', decision = 'approve' } = {}) {
      const response = await fetch(validationUrl, { method: 'POST', body: new URLSearchParams({ account, decision }) });
      if (!response.ok) throw new Error(`The validation page answered ${response.status}: ${await response.text()}`);
    },
    iam: () => call('GET', at('iam')),
    createServiceAccount: (of = {}) => call('POST', at('service-accounts'), of),
    deleteServiceAccount: (clientId) => call('DELETE', at('service-accounts', clientId)),
    grants: () => call('GET', at('grants')),
  };
}
