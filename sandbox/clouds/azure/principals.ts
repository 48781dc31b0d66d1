import type { CloudContext } from '../../core/cloud.ts';
import type { AzureCloud, AzureSettings } from './settings.ts';
import { subscriptions, tenants, users, type Subscription, findTenant } from './directory.ts';
import type { Tables } from '../../core/tables.ts';

/** An application of a customer's, and the one secret that it has. Times are unix milliseconds. */
export interface ServicePrincipal {
  readonly cloud: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly name: string;
  readonly createdAt: number;
  readonly secret: {
    readonly value: string;
    /** What people paste by mistake. */
    readonly id: string;
    readonly createdAt: number;
    readonly expiresAt: number | null;
  } | null;
}

interface Role {
  readonly subscriptionId: string;
  readonly assignedAt: number;
}

/** `Moved`: to another directory, by which it leaves the lists as a deleted one does. */
export type SubscriptionState = Subscription['state'] | 'Deleted' | 'Moved';

/** The applications, and the subscriptions that people and applications can see. */
export interface Principals {
  list(cloud: AzureCloud): ServicePrincipal[];
  find(cloud: AzureCloud, clientId: string): ServicePrincipal | undefined;
  create(cloud: AzureCloud, of: { name: string; tenantId: string; expiresInSeconds: number | null }): ServicePrincipal;
  /** A new secret in place of the old one; null = none. */
  renewSecret(principal: ServicePrincipal, expiresInSeconds: number | null): ServicePrincipal;
  dropSecret(principal: ServicePrincipal): void;
  delete(principal: ServicePrincipal): void;
  /** Replaces the roles of a person (by username) or an application (by client ID); new ones take their time. */
  assign(cloud: AzureCloud, who: string, subscriptionIds: readonly string[]): void;
  /** Replaces the actions that are taken away from the roles of a person or an application. */
  deny(cloud: AzureCloud, who: string, actions: readonly string[]): void;
  denied(cloud: AzureCloud, who: string): readonly string[];
  /** Of every subscription there has been; undefined where there was none. */
  subscriptionState(cloud: AzureCloud, subscriptionId: string): SubscriptionState | undefined;
  setSubscriptionState(cloud: AzureCloud, subscriptionId: string, state: SubscriptionState): void;
  /** The subscriptions that a principal can see now. */
  visible(cloud: AzureCloud, who: string): Subscription[];
  /** Every secret there has been. */
  secrets(): string[];
}

export function createPrincipals(context: CloudContext<AzureSettings>): Principals {
  const { tables, clock, random, settings } = context;
  const principals = tables.table<ServicePrincipal & { readonly deleted?: boolean }>('azure.principals');
  const roles = tables.table<{ readonly roles: readonly Role[] }>('azure.roles');
  const given = tables.table<{ readonly secret: string }>('azure.secrets');
  const denials = tables.table<{ readonly actions: readonly string[] }>('azure.denials');
  const states = tables.table<{ readonly state: SubscriptionState }>('azure.subscription-states');
  const key = (cloud: { id: string }, who: string) => `${cloud.id}/${who.toLowerCase()}`;

  const newGuid = () => {
    const hex = Buffer.from(random(16), 'base64url').toString('hex').padEnd(32, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  };
  const newSecret = (expiresInSeconds: number | null): ServicePrincipal['secret'] => {
    const value = `sandbox~${random(24)}`;
    given.put(value, { secret: value });
    const createdAt = clock.now();
    return {
      value,
      id: newGuid(),
      createdAt,
      expiresAt: expiresInSeconds === null ? null : createdAt + expiresInSeconds * 1000,
    };
  };
  const put = (principal: ServicePrincipal): ServicePrincipal => {
    principals.put(key({ id: principal.cloud }, principal.clientId), principal);
    return principal;
  };

  const list = (cloud: AzureCloud): ServicePrincipal[] => {
    const stored = [...principals.values()].filter((principal) => principal.cloud === cloud.id);
    const known = new Set(stored.map(({ clientId }) => clientId));
    return [...ready(cloud).filter(({ clientId }) => !known.has(clientId)), ...stored].filter(
      (principal) => !('deleted' in principal),
    );
  };

  return {
    list,
    find: (cloud, clientId) => list(cloud).find((principal) => principal.clientId === clientId.toLowerCase()),
    create: (cloud, { name, tenantId, expiresInSeconds }) =>
      put({
        cloud: cloud.id,
        tenantId,
        clientId: newGuid(),
        name,
        createdAt: clock.now(),
        secret: newSecret(expiresInSeconds),
      }),
    renewSecret: (principal, expiresInSeconds) => put({ ...principal, secret: newSecret(expiresInSeconds) }),
    dropSecret: (principal) => void put({ ...principal, secret: null }),
    delete: (principal) =>
      principals.put(key({ id: principal.cloud }, principal.clientId), { ...principal, deleted: true }),
    assign(cloud, who, subscriptionIds) {
      const before = rolesOf(cloud, who);
      const now = clock.now();
      const next = subscriptionIds.map(
        (subscriptionId) =>
          before.find((role) => role.subscriptionId === subscriptionId) ?? { subscriptionId, assignedAt: now },
      );
      roles.put(key(cloud, who), { roles: next });
    },
    visible(cloud, who) {
      const spread = clock.now() - settings().rolePropagationSeconds * 1000;
      const seen = new Set(
        rolesOf(cloud, who)
          .filter(({ assignedAt }) => assignedAt <= spread)
          .map(({ subscriptionId }) => subscriptionId),
      );
      return subscriptions
        .filter(({ id }) => seen.has(id))
        .flatMap((subscription) => {
          const state = states.get(key(cloud, subscription.id))?.state ?? subscription.state;
          return state === 'Deleted' || state === 'Moved' ? [] : [{ ...subscription, state }];
        });
    },
    deny: (cloud, who, actions) => denials.put(key(cloud, who), { actions }),
    denied: (cloud, who) => denials.get(key(cloud, who))?.actions ?? [],
    subscriptionState: (cloud, id) =>
      states.get(key(cloud, id))?.state ?? subscriptions.find((known) => known.id === id.toLowerCase())?.state,
    setSubscriptionState: (cloud, id, state) => states.put(key(cloud, id), { state }),
    secrets: () => [...given.values()].map(({ secret }) => secret),
  };

  function rolesOf(cloud: AzureCloud, who: string): readonly Role[] {
    return roles.get(key(cloud, who))?.roles ?? readyRoles(cloud, who);
  }
}

/** Made long ago: what a new user of the sandbox can submit at once. One sees its tenant, the other has no role yet. */
export function ready(cloud: AzureCloud): ServicePrincipal[] {
  const digit = cloud.application.clientId.slice(7, 8);
  const make = (name: string, start: string): ServicePrincipal => ({
    cloud: cloud.id,
    tenantId: tenants[0].id,
    clientId: `${start}${digit}-0000-4000-8000-00000000000b`,
    name,
    createdAt: 0,
    secret: {
      value: `sandbox~${cloud.id}~${name}~secret`,
      id: `${start}${digit}-0000-4000-8000-00000000000c`,
      createdAt: 0,
      expiresAt: null,
    },
  });
  return [make('reader', 'b0b0b0b'), make('roleless', 'd0d0d0d')];
}

function readyRoles(cloud: AzureCloud, who: string): Role[] {
  const [reader] = ready(cloud);
  const owner = users.find(({ username }) => username === who) ?? (reader?.clientId === who ? reader : undefined);
  return subscriptions
    .filter(({ tenantId }) => tenantId === owner?.tenantId)
    .map(({ id }) => ({ subscriptionId: id, assignedAt: 0 }));
}

/** The directories whose administrators have allowed Mooring's application for all users. */
export interface Consents {
  covers(cloud: AzureCloud, tenantId: string): boolean;
  give(cloud: AzureCloud, tenantId: string): void;
}

export function createConsents(tables: Tables): Consents {
  const rows = tables.table<{ readonly given: true }>('azure.consents');
  const key = (cloud: AzureCloud, tenantId: string) => `${cloud.id}/${tenantId}`;
  return {
    covers: (cloud, tenantId) =>
      findTenant(tenantId)?.needsAdminConsent === false || rows.get(key(cloud, tenantId)) !== undefined,
    give: (cloud, tenantId) => rows.put(key(cloud, tenantId), { given: true }),
  };
}
