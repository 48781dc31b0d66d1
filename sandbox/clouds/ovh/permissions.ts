import type { Tables } from '../../core/tables.ts';
import type { Caller } from './authenticate.ts';
import type { Policies } from './iam/policies.ts';
import type { ServiceAccounts } from './iam/service-accounts.ts';
import type { OvhRegion } from './regions.ts';

/** What IAM lets an account's identities do. */
export interface Permissions {
  /** Replaces the whole list of actions that all identities of an account lack. */
  deny(account: string, actions: readonly string[]): void;
  denied(account: string): readonly string[];
  /**
   * Whether an identity may do an action on a project or, with null, on the account. A service account that was created
   * here may do what policies grant; any other identity may do everything that is not denied.
   */
  may(who: { caller: Caller; region: OvhRegion }, action: string, projectId: string | null): boolean;
}

export function createPermissions(
  tables: Tables,
  { policies, serviceAccounts }: { policies: Policies; serviceAccounts: ServiceAccounts },
): Permissions {
  const rows = tables.table<{ readonly actions: readonly string[] }>('ovh.permissions');
  const denied = (account: string) => rows.get(account)?.actions ?? [];
  return {
    denied,
    deny: (account, actions) => rows.put(account, { actions }),
    may({ caller, region }, action, projectId) {
      const { nichandle } = caller.account;
      if (denied(nichandle).includes(action)) return false;
      const clientId = /\/oauth2-(.+)$/.exec(caller.identity)?.[1];
      if (clientId === undefined || !serviceAccounts.find(region.id, clientId)) return true;
      const product = projectId === null ? `account:${nichandle}` : `publicCloudProject:${projectId}`;
      const urn = `urn:v1:${region.short}`;
      return policies.grants(`${urn}:identity:${caller.identity}`, action, `${urn}:resource:${product}`);
    },
  };
}
