import type { Tables } from '../../core/tables.ts';
import { members, type Member } from './accounts.ts';
import type { Project, Projects } from './inventory/projects.ts';

/** The projects that each member can see, and what they may not do there. */
export interface Roles {
  visible(member: Member): readonly Project[];
  /** Replaces what a member can see. False where there is no such member or project. */
  grant(email: string, projectIds: readonly string[]): boolean;
  may(member: Member, permission: string): boolean;
  /** The permissions that a member's roles lack, all others being in them. */
  denied(email: string): readonly string[];
  /** False where there is no such member. */
  deny(email: string, permissions: readonly string[]): boolean;
}

export function createRoles(tables: Tables, projects: Projects): Roles {
  const granted = tables.table<readonly string[]>('gcp.roles');
  const denied = tables.table<readonly string[]>('gcp.denied');
  const isMember = (email: string): boolean => members.some((member) => member.email === email);
  const deniedTo = (email: string): readonly string[] => denied.get(email) ?? [];
  return {
    visible({ email, sees }) {
      const ids = granted.get(email) ?? sees;
      return projects.list().filter(({ projectId }) => ids.includes(projectId));
    },
    grant(email, projectIds) {
      const known = projectIds.every((id) => projects.list().some(({ projectId }) => projectId === id));
      if (!known || !isMember(email)) return false;
      granted.put(email, projectIds);
      return true;
    },
    may: ({ email }, permission) => !deniedTo(email).includes(permission),
    denied: deniedTo,
    deny(email, permissions) {
      if (!isMember(email)) return false;
      denied.put(email, permissions);
      return true;
    },
  };
}
