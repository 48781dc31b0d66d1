import type { Tables } from '../../core/tables.ts';

/** What IAM policies keep from an account's identities: everything is allowed, but for what is named here. */
export interface Permissions {
  denied(account: string): readonly string[];
  /** Replaces the whole list. */
  deny(account: string, actions: readonly string[]): void;
}

export function createPermissions(tables: Tables): Permissions {
  const rows = tables.table<{ readonly actions: readonly string[] }>('ovh.permissions');
  return {
    denied: (account) => rows.get(account)?.actions ?? [],
    deny: (account, actions) => rows.put(account, { actions }),
  };
}
