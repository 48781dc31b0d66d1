import { Value } from 'typebox/value';

import type { Arm } from './arm.ts';
import { readArmPages } from './pages.ts';
import { PermissionSchema } from './schema.ts';

/** The rights that the account has on a subscription, from all its roles there and above. */
export interface Access {
  /** False: it has roles on single resource groups or resources at most. */
  readonly hasRole: boolean;
  may(action: string): boolean;
}

/** https://learn.microsoft.com/azure/role-based-access-control/role-definitions: `notActions` counts within its own role. */
export async function readAccess(arm: Arm, subscription: string): Promise<Access> {
  const path = `/subscriptions/${subscription}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
  const { rows } = await readArmPages(arm, path);
  const permissions = rows.filter((row) => Value.Check(PermissionSchema, row));
  return {
    hasRole: permissions.length > 0,
    may: (action) =>
      permissions.some(({ actions, notActions }) => covers(actions, action) && !covers(notActions ?? [], action)),
  };
}

/** `*` stands for any text, slashes too; letters may be of either case. */
const covers = (patterns: readonly string[], action: string): boolean =>
  patterns.some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
  });
