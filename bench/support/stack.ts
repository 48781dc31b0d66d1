import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { sandboxEnvironment } from '../../sandbox/clouds/index.ts';
import { createSandboxClient, type SandboxClient } from '../../sandbox/client.ts';
import { anyFreePort, answers } from '../../scripts/dev/ports.ts';
import { temporalServerArguments } from '../../scripts/dev/temporal-server.ts';
import type { Options } from './options.ts';
import type { Programs } from './programs.ts';
import { serves, startProcess, type RunningProcess } from './process.ts';
import type { Processes } from './sampler.ts';
import { basics, startVault, type Vault } from './vault.ts';

/** Namespaces of Temporal and mounts of Vault: the product and the baseline never see each other. */
export const spaces = { product: 'mooring', baseline: 'bare' } as const;
export type Space = (typeof spaces)[keyof typeof spaces];

/** The real parts that product and baseline both stand on: Temporal, Vault, Redis, and the simulated clouds. */
export interface Stack {
  readonly folder: string;
  readonly temporal: { readonly address: string };
  readonly vault: Vault;
  readonly redisUrl: string;
  readonly sandboxUrl: string;
  readonly cloud: SandboxClient;
  /** What the sandbox is reached by, as variables of the product. */
  readonly cloudVariables: Readonly<Record<string, string>>;
  client(space: Space): Client;
  /** Of the shared parts. */
  readonly processes: Processes;
  close(): Promise<void>;
}

const nodeFlags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];
const root = join(import.meta.dirname, '../..');

/** Node running one of our own TypeScript programs. */
export const nodeProgram = (file: string): { command: string; args: string[] } => ({
  command: process.execPath,
  args: [...nodeFlags, join(root, file)],
});

/** The stock limit of 2,400 requests a second would be what is measured. */
const unlimited = ['frontend.namespaceRPS', 'frontend.rps', 'frontend.namespaceCount'].flatMap((key) => [
  '--dynamic-config-value',
  `${key}=100000`,
]);

export async function startStack(
  programs: Programs,
  { vault: storage, keep }: Pick<Options, 'vault' | 'keep'>,
): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-bench-'));
  // Where it is interrupted, nothing else removes it.
  if (!keep) process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const started: RunningProcess[] = [];
  const connections: Connection[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(connections.map(async (connection) => await connection.close()));
    await Promise.all(started.map(async (process) => await process.stop(5_000)));
    if (keep) console.error(`Databases and logs are kept in ${folder}.`);
    else await rm(folder, { recursive: true, force: true });
  };
  const keepTrack = <T extends RunningProcess>(process: T): T => {
    started.push(process);
    return process;
  };
  try {
    const temporal = await startTemporal(programs.temporal, folder);
    keepTrack(temporal.process);
    const vault = await startVault({
      program: programs.vault,
      folder,
      storage,
      mounts: [spaces.product, spaces.baseline],
    });
    keepTrack(vault.process);
    const redis = await startRedis(programs.redis, folder);
    keepTrack(redis.process);
    const sandbox = await startSandbox(folder);
    keepTrack(sandbox.process);
    const clients = new Map<Space, Client>();
    for (const namespace of Object.values(spaces)) {
      const connection = await Connection.connect({ address: temporal.address });
      connections.push(connection);
      clients.set(namespace, new Client({ connection, namespace }));
    }
    return {
      folder,
      temporal: { address: temporal.address },
      vault,
      redisUrl: redis.url,
      sandboxUrl: sandbox.url,
      cloud: createSandboxClient(sandbox.url),
      cloudVariables: sandboxEnvironment(sandbox.url),
      client: (space) => clients.get(space) as Client,
      processes: Object.fromEntries(started.map(({ name, pid }) => [name, [pid]])),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startTemporal(program: string, folder: string) {
  const port = await anyFreePort();
  const databaseFile = join(folder, 'temporal.db');
  const usual = temporalServerArguments({ port, ui: null, databaseFile, namespace: spaces.product });
  const process = await startProcess({
    name: 'temporal',
    command: program,
    args: [...usual, '--namespace', spaces.baseline, ...unlimited],
    environment: basics(),
    logFile: join(folder, 'temporal.log'),
    isReady: async () => await hasNamespaces(`127.0.0.1:${port}`, Object.values(spaces)),
  });
  return { process, address: `127.0.0.1:${port}` };
}

/** The frontend answers a little before its namespaces are there. */
export async function hasNamespaces(address: string, namespaces: readonly string[]): Promise<boolean> {
  const connection = Connection.lazy({ address, connectTimeout: 1_000 });
  try {
    for (const namespace of namespaces) await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

export async function startRedis(program: string, folder: string) {
  const port = await anyFreePort();
  const process = await startProcess({
    name: 'redis',
    command: program,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    environment: basics(),
    logFile: join(folder, 'redis.log'),
    isReady: async () => await answers(port),
  });
  return { process, url: `redis://127.0.0.1:${port}` };
}

async function startSandbox(folder: string) {
  const port = await anyFreePort();
  const url = `http://127.0.0.1:${port}`;
  const process = await startProcess({
    name: 'clouds',
    ...nodeProgram('sandbox/main.ts'),
    environment: { ...basics(), SANDBOX_PORT: String(port) },
    logFile: join(folder, 'clouds.log'),
    isReady: async () => await serves(`${url}/_sandbox/health`),
  });
  return { process, url };
}
