import type { OAuthApplication } from '../../../oauth/clients.ts';
import { ovhAccounts } from '../accounts.ts';
import type { OvhContext } from '../context.ts';
import { ovhRegions } from '../regions.ts';

/** An OAuth2 client that a customer made (`POST /me/api/oauth2/client`). */
export interface OAuthClientRow extends OAuthApplication {
  readonly region: string;
  /** Nichandle of its owner. */
  readonly account: string;
  readonly description: string;
  readonly callbackUrls: readonly string[];
  readonly createdAt: string;
}

export interface ServiceAccounts {
  create(of: Omit<OAuthClientRow, 'clientId' | 'clientSecret' | 'createdAt'>): OAuthClientRow;
  find(region: string, clientId: string): OAuthClientRow | undefined;
  of(region: string, account: string): OAuthClientRow[];
  /** False where there is none. */
  delete(clientId: string): boolean;
  list(): OAuthClientRow[];
  /** Whom the token endpoint of a region knows, those that were there from the start included. */
  applications(region: string): OAuthApplication[];
}

export function createServiceAccounts({ tables, random, clock }: OvhContext): ServiceAccounts {
  const rows = tables.table<OAuthClientRow>('ovh.oauthClients');
  const list = () => [...rows.values()];
  return {
    create(of) {
      const row: OAuthClientRow = {
        ...of,
        clientId: `${of.region.slice('ovh-'.length).toUpperCase()}.${random(12)}`,
        clientSecret: `ovh-cs-${random(24)}`,
        createdAt: new Date(clock.now()).toISOString(),
      };
      rows.put(row.clientId, row);
      return row;
    },
    find: (region, clientId) => list().find((row) => row.clientId === clientId && row.region === region),
    of: (region, account) => list().filter((row) => row.region === region && row.account === account),
    delete(clientId) {
      const isThere = rows.get(clientId) !== undefined;
      rows.delete(clientId);
      return isThere;
    },
    list,
    applications: (region) => [
      ...(ovhRegions.find(({ id }) => id === region)?.applications ?? []),
      ...list().filter((row) => row.region === region),
    ],
  };
}

/** The service account that is there from the start acts for the first account, and may do whatever that may. */
export const readyServiceAccountOwner = ovhAccounts[0].nichandle;
