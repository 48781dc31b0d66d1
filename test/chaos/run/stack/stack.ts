import { join } from 'node:path';
import { newApiKey } from '../../../e2e/support/real-world.ts';
import { eventually } from '../../../support/eventually.ts';
import type { ChaosOptions } from '../options.ts';
import { answersAt, type Child, type Crash } from './child.ts';
import { startNetwork, type Link } from './network.ts';
import { createProduct, type Product } from './product.ts';
import type { Programs } from './programs.ts';
import { startCloud, startRedis, startTemporal, type ChaosCloud, type ChaosRedis, type Server } from './servers.ts';
import { startVault, type ChaosVault } from './vault.ts';

const NAMESPACE = 'default';
/** After an outage, connections to a server are tried again later and later. */
const READY_WITHIN_MS = 60_000;

/** A whole installation as in production, every part a process that can be killed, every link one that can be cut. */
export interface ChaosStack {
  readonly folder: string;
  readonly namespace: string;
  readonly temporal: Server;
  readonly vault: ChaosVault;
  readonly redis: ChaosRedis;
  readonly cloud: ChaosCloud;
  readonly product: Product;
  readonly apiKey: string;
  readonly links: readonly Link[];
  /** Every process but Toxiproxy, by name. */
  child(name: string): Child;
  crashes(): readonly Crash[];
  /** Ends every trouble: links, frozen and dead processes, seals, faults of the clouds. Resolves when all serve. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}

export async function startStack(programs: Programs, options: ChaosOptions, folder: string): Promise<ChaosStack> {
  const root = join(import.meta.dirname, '../../../..');
  const started: { stop(): Promise<void> }[] = [];
  const keep = async <T extends { readonly child: Child }>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    started.push(server.child);
    return server;
  };
  const stop = async (): Promise<void> => {
    for (const part of [...started].reverse()) await part.stop();
  };
  try {
    const network = await startNetwork(programs.toxiproxy, folder);
    started.push(network);
    const [temporal, vault, redis, cloud] = await Promise.all([
      keep(startTemporal(programs.temporal, folder, NAMESPACE)),
      keep(startVault(programs.vault, folder)),
      keep(startRedis(programs.redis, folder)),
      keep(startCloud(root, folder, options.lifeSeconds)),
    ]);
    const product = await createProduct({
      root,
      folder,
      build: options.build,
      oldBuild: options.oldBuild,
      network,
      vault,
      namespace: NAMESPACE,
      temporalProgram: programs.temporal,
      ports: { temporal: temporal.port, vault: vault.port, redis: redis.port, cloud: cloud.port },
    });
    const processes = Object.values(product.children);
    started.push({ stop: async () => void (await Promise.all(processes.map(async (child) => await child.stop()))) });
    await Promise.all(processes.map(async (child) => await child.start()));
    await product.makeCurrent('current');
    const apiKey = await newApiKey(programs.vault, {
      VAULT_ADDR: vault.prepared.address,
      VAULT_MOUNT: vault.prepared.mount,
      VAULT_TOKEN: await vault.prepared.tokenOf('operator'),
    });

    const children = [temporal.child, vault.child, redis.child, cloud.child, ...processes];
    return {
      folder,
      namespace: NAMESPACE,
      temporal,
      vault,
      redis,
      cloud,
      product,
      apiKey,
      links: product.links,
      child(name) {
        const found = children.find((child) => child.name === name);
        if (!found) throw new Error(`No process is called ${name}.`);
        return found;
      },
      crashes: () => children.flatMap((child) => child.crashes()),
      async heal() {
        for (const child of children) child.thaw();
        for (const link of product.links) await link.heal();
        await vault.unseal();
        await Promise.all([temporal.child, vault.child, redis.child, cloud.child].map((child) => child.untilReady()));
        await redis.promote();
        await cloud.control.clearFaults();
        await Promise.all(processes.map(async (child) => await child.untilReady()));
        await eventually('the API to be ready', () => answersAt(product.readiness), READY_WITHIN_MS);
      },
      async stop() {
        for (const child of children) child.thaw();
        redis.disconnect();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
