import { kindOf, type OvhKindId } from './kinds.ts';

const below: Readonly<Record<OvhKindId, string>> = {
  project: '/cloud/project',
  instance: '/instance',
  kubernetes: '/kube',
  database: '/database/service',
  load_balancer: '/loadbalancer',
  registry: '/containerRegistry',
  private_network: '/network/private',
  volume: '/volume',
  /** Buckets are listed below each region. */
  object_storage_s3: '/region',
  object_storage_swift: '/storage',
  dedicated_server: '/dedicated/server',
};

/** Where a project's own paths begin; at the account, the endpoint itself. */
export const projectPath = (projectId: string | null): string =>
  projectId === null ? '' : `/cloud/project/${projectId}`;

/** The first call of a list. */
export const listPath = (kind: OvhKindId, projectId: string | null): string =>
  `${kindOf(kind).scope === 'project' ? projectPath(projectId) : ''}${below[kind]}`;

export const segment = (id: string): string => encodeURIComponent(id);
