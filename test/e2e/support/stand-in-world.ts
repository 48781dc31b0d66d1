import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../../platform/clock.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { anyFreePort } from '../../../scripts/dev/ports.ts';
import { startStack } from '../../../scripts/dev/stack.ts';
import { gates, type SecretStore } from '../../../stores/secrets/port.ts';
import { createSqliteSecretStore } from '../../../stores/secrets/sqlite.ts';
import type { SecretsInspector, Trace, World } from './world.ts';

export interface StandInWorld extends World {
  /** What is `.mooring/` for a person. */
  readonly stateDirectory: string;
}

/** What `npm start` brings up on a bare machine: every store a stand-in, Temporal's own development server. */
export async function startStandInWorld(environment: Readonly<Record<string, string>> = {}): Promise<StandInWorld> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'mooring-world-'));
  const file = (name: string): string => join(stateDirectory, name);
  const remove = async (): Promise<void> => await rm(stateDirectory, { recursive: true, force: true });
  const stack = await startStack({
    stateDirectory,
    environment: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(await anyFreePort()),
      ...environment,
    },
    ports: {
      metrics: await anyFreePort(),
      sandbox: await anyFreePort(),
      temporal: await anyFreePort(),
      ui: await anyFreePort(),
    },
  }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });

  const { api, apiKey, sandbox, temporal } = stack.info();
  if (apiKey === null || sandbox === null) throw new Error('The stack has no API key, or no sandbox.');
  const keyRing = KeyRing.parse(await readFile(file('key-ring'), 'utf8'));
  const codecPathToken = (await readFile(file('codec-path-token'), 'utf8')).trim();
  const secrets = createSqliteSecretStore({ path: file('secrets.db'), keyRing, clock: systemClock });
  const traces = async (folder: string, wanted: RegExp): Promise<Trace[]> => {
    const names = (await readdir(folder)).filter((name) => wanted.test(name));
    return await Promise.all(names.map(async (name) => ({ place: name, bytes: await readFile(join(folder, name)) })));
  };

  return {
    running: { api, apiKey, sandbox },
    temporal: { address: temporal, namespace: 'default' },
    codecFlags: ['--codec-endpoint', `${api}/codec/${codecPathToken}`],
    keyRing,
    stateDirectory,
    secrets: inspect(secrets),
    ephemeral: async () => await traces(stateDirectory, /^ephemeral\.db/),
    logs: async () => await traces(file('logs'), /\.log/),
    async withholdSecrets() {
      const lock = new DatabaseSync(file('secrets.db'));
      lock.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE');
      return async () => lock.close();
    },
    pids: () => Object.values(stack.info().pids).filter((pid) => pid !== null),
    async stop() {
      await secrets.close();
      await stack.stop();
      await remove();
    },
  };
}

function inspect(secrets: SecretStore): SecretsInspector {
  return {
    read: async (gate, key) => (await secrets.read(gate, key))?.data.reveal(),
    async remains(connection) {
      const found = await Promise.all(
        gates.map(async (gate) => (await secrets.list(gate, '')).map((key) => `${gate}/${key}`)),
      );
      return found.flat().filter((path) => path.includes(connection));
    },
  };
}
