import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { components } from '../../scripts/components/index.mjs';
import type { Components } from './components.ts';
import { startMinistack } from './servers/ministack.ts';
import { startRedis } from './servers/redis.ts';
import { startTemporal } from './servers/temporal.ts';
import { startVault } from './servers/vault.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder of this run alone, removed at its end. */
    runFolder: string;
  }
}

interface Started {
  readonly stop: () => Promise<void>;
}

/** Starts one of each component that is on this machine, on ports of its own, for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const runFolder = await mkdtemp(join(tmpdir(), 'mooring-tests-'));
  const started: Started[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(async (server) => await server.stop()));
    await rm(runFolder, { recursive: true, force: true });
  };
  const start = async <T extends Started>(
    component: { find: () => Promise<string | null> },
    launchIt: (path: string) => Promise<T>,
  ): Promise<T | null> => {
    const path = await component.find();
    if (path === null) return null;
    const server = await launchIt(path);
    started.push(server);
    return server;
  };

  const starting = [
    start(components.temporal, startTemporal),
    start(components.vault, startVault),
    start(components.redis, startRedis),
    start(components.ministack, startMinistack),
  ] as const;
  try {
    const [temporal, vault, redis, ministack] = await Promise.all(starting);
    project.provide('runFolder', runFolder);
    project.provide('components', {
      temporal: temporal && { address: temporal.address, namespace: temporal.namespace },
      vault: vault && { address: vault.address, rootToken: vault.rootToken, path: vault.path },
      redis: redis && { url: redis.url, path: redis.path },
      ministack: ministack && { url: ministack.url },
      ovhPython: located(await components.ovhPython.find()),
      schemathesis: located(await components.schemathesis.find()),
      timeSkipping: located(await components.timeSkipping.find()),
      chromium: located(await components.chromium.find()),
    } satisfies Components);
  } catch (error) {
    await Promise.allSettled(starting);
    await stop();
    throw error;
  }
  return stop;
}

const located = (path: string | null): { path: string } | null => (path === null ? null : { path });
