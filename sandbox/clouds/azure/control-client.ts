import type { JsonObject } from '../../../platform/json.ts';
import type { ServicePrincipal, SubscriptionState } from './principals.ts';
import type { AzureSizes } from './resources/estate.ts';

export interface NewSecret {
  /** Negative = it has expired already; left out: never. */
  readonly expiresInSeconds?: number;
}

/** What customers of the simulated Azure do in the portal, in its cloud `global`. */
export interface AzureControl {
  servicePrincipals(): Promise<readonly ServicePrincipal[]>;
  /** Without a role; in the first directory. */
  addServicePrincipal(name: string, secret?: NewSecret): Promise<ServicePrincipal>;
  deleteServicePrincipal(clientId: string): Promise<void>;
  renewSecret(clientId: string, secret?: NewSecret): Promise<ServicePrincipal>;
  deleteSecret(clientId: string): Promise<void>;
  /** Replaces the roles of a person (username) or an application (client ID); subscriptions by id or name. */
  assignRoles(who: string, subscriptions: readonly string[]): Promise<void>;
  /** What the simulated subscriptions are, and how many resources of each kind they have. */
  subscriptions(): Promise<readonly AzureHoldings[]>;
  /** Subscriptions by id or name. E.g. `{instance: 5000}`; kinds that are not named keep their size. */
  resize(subscription: string, sizes: AzureSizes): Promise<AzureSizes>;
  setSubscriptionState(subscription: string, state: SubscriptionState): Promise<void>;
  /** In full, as Azure Resource Manager has them. */
  resources(subscription: string): Promise<readonly JsonObject[]>;
  /** Lays fields over the resource with that id. */
  changeResource(id: string, fields: JsonObject): Promise<void>;
  deleteResource(id: string): Promise<void>;
  deleteGroup(subscription: string, group: string): Promise<void>;
  /** Replaces the actions that are taken away from the roles of a person or an application. */
  deny(who: string, actions: readonly string[]): Promise<void>;
  /** What an administrator does: ends a person's sessions. Answers how many grants. */
  revokeUser(username: string): Promise<number>;
}

export interface AzureHoldings {
  readonly id: string;
  readonly name: string;
  readonly state: SubscriptionState;
  readonly sizes: AzureSizes;
}

export function createAzureControl(
  call: <T>(method: string, path: string, body?: unknown) => Promise<T>,
): AzureControl {
  return {
    servicePrincipals: () => call('GET', '/azure/service-principals'),
    addServicePrincipal: (name, secret = {}) => call('POST', '/azure/service-principals', { name, ...secret }),
    deleteServicePrincipal: (clientId) => call('DELETE', '/azure/service-principals', { clientId }),
    renewSecret: (clientId, secret = {}) => call('PUT', '/azure/secrets', { clientId, ...secret }),
    deleteSecret: (clientId) => call('DELETE', '/azure/secrets', { clientId }),
    assignRoles: (who, subscriptions) => call('PUT', '/azure/roles', { who, subscriptions }),
    subscriptions: () => call('GET', '/azure/subscriptions'),
    resize: (subscription, sizes) => call('PUT', `${pathOf(subscription)}/sizes`, sizes),
    setSubscriptionState: (subscription, state) => call('PUT', `${pathOf(subscription)}/state`, { state }),
    resources: (subscription) => call('GET', `${pathOf(subscription)}/resources`),
    changeResource: (id, fields) => call('PUT', '/azure/resources', { id, fields }),
    deleteResource: (id) => call('DELETE', '/azure/resources', { id }),
    deleteGroup: (subscription, group) => call('DELETE', `${pathOf(subscription)}/groups`, { group }),
    deny: (who, actions) => call('PUT', '/azure/denied-actions', { who, actions }),
    async revokeUser(username) {
      const path = `/azure/users/${encodeURIComponent(username)}/revoke`;
      return (await call<{ revoked: number }>('POST', path)).revoked;
    },
  };
}

const pathOf = (subscription: string): string => `/azure/subscriptions/${encodeURIComponent(subscription)}`;
