import type { OvhKindId } from './kinds.ts';

/** Two generations of the program: they differ in how JSON is asked for and in the names of commands. */
export type Dialect = 'older' | 'later';

interface CommandTable {
  /** With `-e` the rest of a list comes when a part of it fails, and each loss is told on stderr. */
  readonly flags: readonly string[];
  readonly commands: Readonly<Record<OvhKindId, readonly string[]>>;
}

/**
 * The allow-list: no other command is ever run. Some that look harmless print secrets (`baremetal list-secrets`,
 * `cloud storage-s3 credentials get`). `--debug` prints the bearer token.
 */
export const commandTables: Readonly<Record<Dialect, CommandTable>> = {
  older: {
    flags: ['--ignore-errors', '--json'],
    commands: {
      project: ['cloud', 'project', 'list'],
      instance: ['cloud', 'instance', 'list'],
      kubernetes: ['cloud', 'kube', 'list'],
      database: ['cloud', 'database-service', 'list'],
      load_balancer: ['cloud', 'loadbalancer', 'list'],
      registry: ['cloud', 'container-registry', 'list'],
      private_network: ['cloud', 'network', 'private', 'list'],
      volume: ['cloud', 'storage-block', 'list'],
      object_storage_s3: ['cloud', 'storage-s3', 'list'],
      object_storage_swift: ['cloud', 'storage-swift', 'list'],
      dedicated_server: ['baremetal', 'list'],
    },
  },
  // Untested: read in the program's documentation, never run.
  later: {
    flags: ['--ignore-errors', '--output', 'json'],
    commands: {
      project: ['cloud', 'project', 'list'],
      instance: ['cloud', 'instance', 'list'],
      kubernetes: ['cloud', 'managed-kubernetes', 'list'],
      database: ['cloud', 'managed-database', 'list'],
      load_balancer: ['cloud', 'loadbalancer', 'list'],
      registry: ['cloud', 'managed-registry', 'list'],
      private_network: ['cloud', 'network', 'private', 'vrack', 'list'],
      volume: ['cloud', 'storage', 'block', 'volume', 'list'],
      object_storage_s3: ['cloud', 'storage', 'object', 'bucket', 'list'],
      object_storage_swift: ['cloud', 'storage', 'swift', 'list'],
      dedicated_server: ['baremetal', 'list'],
    },
  },
};

/** The whole command line, without the program. `--cloud-project` is right; OVHcloud's documents say otherwise. */
export function argumentsFor(dialect: Dialect, kind: OvhKindId, projectId: string | null): string[] {
  const { commands, flags } = commandTables[dialect];
  return [...commands[kind], ...(projectId === null ? [] : ['--cloud-project', projectId]), ...flags];
}
