import type { ServicePrincipal } from './principals.ts';

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
  /** What an administrator does: ends a person's sessions. Answers how many grants. */
  revokeUser(username: string): Promise<number>;
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
    async revokeUser(username) {
      const path = `/azure/users/${encodeURIComponent(username)}/revoke`;
      return (await call<{ revoked: number }>('POST', path)).revoked;
    },
  };
}
