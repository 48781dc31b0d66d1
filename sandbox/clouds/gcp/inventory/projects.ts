import type { Tables } from '../../../core/tables.ts';

export interface Project {
  readonly projectId: string;
  readonly number: string;
  readonly displayName: string;
  readonly state: 'ACTIVE' | 'DELETE_REQUESTED';
}

const initially: readonly Project[] = [
  { projectId: 'lindqvist-web', number: '101010101011', displayName: 'Lindqvist Web', state: 'ACTIVE' },
  { projectId: 'lindqvist-data', number: '101010101012', displayName: 'Lindqvist Data', state: 'ACTIVE' },
  { projectId: 'lindqvist-old', number: '101010101013', displayName: 'Lindqvist Old', state: 'DELETE_REQUESTED' },
  { projectId: 'lindqvist-lab', number: '101010101014', displayName: 'Lindqvist Lab', state: 'ACTIVE' },
  { projectId: 'okafor-shop', number: '202020202021', displayName: 'Okafor Shop', state: 'ACTIVE' },
];

export interface Projects {
  list(): readonly Project[];
  /** By its id or its number. */
  find(idOrNumber: string): Project | undefined;
  put(project: Project): void;
}

export function createProjects(tables: Tables): Projects {
  const changed = tables.table<Project>('gcp.projects');
  const list = (): readonly Project[] => {
    const added = [...changed.values()].filter(
      ({ projectId }) => !initially.some((project) => project.projectId === projectId),
    );
    return [...initially.map((project) => changed.get(project.projectId) ?? project), ...added];
  };
  return {
    list,
    find: (idOrNumber) => list().find(({ projectId, number }) => [projectId, number].includes(idOrNumber)),
    put: (project) => changed.put(project.projectId, project),
  };
}
