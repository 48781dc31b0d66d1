import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { anyFreePort } from '../../../../scripts/dev/ports.ts';
import { temporalServerArguments } from '../../../../scripts/dev/temporal-server.ts';
import { createSandboxClient, type SandboxClient } from '../../../../sandbox/client.ts';
import { hasNamespace } from '../../../support/servers/temporal.ts';
import { answersAt, createChild, type Child } from './child.ts';

export interface Server {
  readonly child: Child;
  readonly port: number;
}

/** Temporal's development server on a file: what it acknowledged survives its death. */
export async function startTemporal(program: string, folder: string, namespace: string): Promise<Server> {
  const port = await anyFreePort();
  const databaseFile = join(folder, 'temporal.db');
  const child = createChild({
    name: 'temporal',
    launch: () => ({
      command: program,
      args: temporalServerArguments({ port, ui: null, databaseFile, namespace }),
      environment: { HOME: folder },
    }),
    logFile: join(folder, 'temporal.log'),
    isReady: () => hasNamespace(`127.0.0.1:${port}`, namespace),
  });
  await child.start();
  return { child, port };
}

export interface ChaosRedis extends Server {
  /** Makes it a replica of a server that is not there: it refuses writes and answers reads, as in a failover. */
  demote(): Promise<void>;
  promote(): Promise<void>;
  /** Ends our own connection to it. */
  disconnect(): void;
}

/** Redis with its append-only file. */
export async function startRedis(program: string, folder: string): Promise<ChaosRedis> {
  const [port, nobody] = [await anyFreePort(), await anyFreePort()];
  const data = join(folder, 'redis');
  await mkdir(data);
  const client = new Redis(port, '127.0.0.1', { lazyConnect: true, maxRetriesPerRequest: 50 });
  client.on('error', () => {});
  const child = createChild({
    name: 'redis',
    launch: () => ({
      command: program,
      args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--dir', data],
      environment: {},
    }),
    logFile: join(folder, 'redis.log'),
    isReady: async () => (await client.ping()) === 'PONG',
  });
  await child.start();
  return {
    child,
    port,
    demote: async () => void (await client.replicaof('127.0.0.1', nobody)),
    promote: async () => void (await client.replicaof('NO', 'ONE')),
    disconnect: () => client.disconnect(),
  };
}

export interface ChaosCloud extends Server {
  readonly url: string;
  readonly control: SandboxClient;
}

/** Clouds that are no quicker than real ones: what is in flight when something breaks is more than nothing. */
const latencyMs = { '*': 100, 'token.*': 300 };

/** The sandbox clouds as a process, their state on disk. */
export async function startCloud(root: string, folder: string, lifeSeconds: number): Promise<ChaosCloud> {
  const port = await anyFreePort();
  const url = `http://127.0.0.1:${port}`;
  const child = createChild({
    name: 'cloud',
    launch: () => ({
      command: process.execPath,
      args: ['--experimental-strip-types', '--disable-warning=ExperimentalWarning', join(root, 'sandbox', 'main.ts')],
      environment: { SANDBOX_PORT: String(port), SANDBOX_STATE_FILE: join(folder, 'cloud.db') },
    }),
    logFile: join(folder, 'cloud.log'),
    isReady: () => answersAt(`${url}/_sandbox/health`),
  });
  await child.start();
  const control = createSandboxClient(url);
  const lifetime = { accessTokenLifetimeSeconds: lifeSeconds };
  // Strict rotation is what its simulated OVHcloud does by itself: no grace, a second use revokes the grant.
  await control.change({ core: { latencyMs }, ovh: lifetime, azure: lifetime, gcp: lifetime });
  for (const { nichandle } of await control.ovh.inventory()) {
    for (const { id } of await control.ovh.projects(nichandle)) await control.ovh.removeProject(id);
  }
  return { child, port, url, control };
}
