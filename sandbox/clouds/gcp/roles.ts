import type { Tables } from '../../core/tables.ts';
import { members, projects, type Member, type Project } from './accounts.ts';

/** Who can see which projects. */
export interface Roles {
  visible(member: Member): readonly Project[];
  /** Replaces what a member can see. False where there is no such member or project. */
  grant(email: string, projectIds: readonly string[]): boolean;
}

export function createRoles(tables: Tables): Roles {
  const changed = tables.table<readonly string[]>('gcp.roles');
  return {
    visible({ email, sees }) {
      const ids = changed.get(email) ?? sees;
      return projects.filter(({ projectId }) => ids.includes(projectId));
    },
    grant(email, projectIds) {
      const known = projectIds.every((id) => projects.some(({ projectId }) => projectId === id));
      if (!known || !members.some((member) => member.email === email)) return false;
      changed.put(email, projectIds);
      return true;
    },
  };
}
