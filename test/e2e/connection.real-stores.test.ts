import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { EXIT_CONFIG } from '../../platform/config.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { build } from '../../scripts/build/build.ts';
import { anyFreePort } from '../../scripts/dev/ports.ts';
import { connectionLife } from './connection.e2e.ts';
import { startProductionProcess } from './support/production-process.ts';
import { realComponents, startRealWorld, type RealWorld } from './support/real-world.ts';

const components = realComponents(inject('components'));
const REDIS_DATABASE = 7;
const BUILD_WITHIN_MS = 120_000;

describe.skipIf(components === null)('in production, on Temporal, Vault and Redis, from a build', () => {
  let folder: string;

  beforeAll(async () => {
    // Inside the repository: the compiled code finds its packages by walking up from where it stands.
    const artifacts = join(import.meta.dirname, '../.artifacts');
    await mkdir(artifacts, { recursive: true });
    folder = await mkdtemp(join(artifacts, 'production-'));
    await build(folder);
  }, BUILD_WITHIN_MS);
  afterAll(async () => await rm(folder, { recursive: true, force: true }));

  const start = async (): Promise<RealWorld> => {
    if (!components) throw new Error('This suite is skipped without its components.');
    return await startRealWorld(components, { build: folder, redisDatabase: REDIS_DATABASE });
  };
  connectionLife(start, ({ world }) => {
    test.for(['api', 'worker'] as const)(
      'a second %s with another value for a key is refused in one sentence, and exits with EX_CONFIG',
      async (name) => {
        const [PORT, METRICS_PORT] = [String(await anyFreePort()), String(await anyFreePort())];
        const environment = { ...world().environmentOf(name), PORT, METRICS_PORT, MOORING_KEYS: KeyRing.generate() };
        const second = startProductionProcess({ name, build: folder }, environment);
        expect(await second.ended).toBe(EXIT_CONFIG);
        expect(second.output()).toContain('MOORING_KEYS holds another value for "k1" than the other processes.');
        expect(second.output()).not.toContain(environment.MOORING_KEYS.split(':')[1]);
      },
    );
  });
});
