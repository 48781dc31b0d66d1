import type { Tables } from '../../../core/tables.ts';
import { defaultProjects, type Project } from './defaults.ts';
import type { JsonObject } from '../../../../platform/json.ts';
import { createSeed } from './seed.ts';

export interface Projects {
  /** Of one account, or of all; those it began with first. */
  list(account?: string): readonly Project[];
  find(id: string): Project | undefined;
  put(project: Project): void;
  /** False where there is none. */
  remove(id: string): boolean;
}

export function createProjects(tables: Tables): Projects {
  /** Beside the defaults: what was added or renamed, and a mark for what was removed. */
  const rows = tables.table<Project | { readonly removed: true }>('ovh.projects');
  const isThere = (row: ReturnType<typeof rows.get>): row is Project => row !== undefined && !('removed' in row);
  const isDefault = (id: string) => defaultProjects.some((project) => project.id === id);

  const all = (): Project[] =>
    [
      ...defaultProjects.map((project) => rows.get(project.id) ?? project),
      ...[...rows.values()].filter((row) => isThere(row) && !isDefault(row.id)),
    ].filter(isThere);

  return {
    list: (account) => all().filter((project) => account === undefined || project.account === account),
    find: (id) => all().find((project) => project.id === id),
    put: (project) => rows.put(project.id, project),
    remove(id) {
      if (!all().some((project) => project.id === id)) return false;
      rows.put(id, { removed: true });
      return true;
    },
  };
}

export const PROJECT_ACTION = 'publicCloudProject:apiovh:get';
export const PROJECT_PRODUCT = 'publicCloudProject';

export const projectRow = ({ id, name }: Project): JsonObject => ({
  access: 'full',
  creationDate: createSeed(id, 'project', 0).moment('created'),
  description: name,
  expiration: null,
  manualQuota: false,
  orderId: null,
  planCode: 'project.2018',
  projectName: name,
  project_id: id,
  status: 'ok',
  unleash: true,
});
