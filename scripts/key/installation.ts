import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { loadConfig, type Config } from '../../platform/config.ts';
import { noClouds, ownEnvironment } from '../../platform/config/own-environment.ts';
import { createEgress } from '../../platform/egress.ts';
import { connectionOptions } from '../../platform/temporal/connection.ts';
import { openSecretStore } from '../../stores/compose.ts';
import { sealedEntries } from '../../stores/ephemeral/sqlite.ts';
import { countSealedRows } from '../../stores/sqlite-database.ts';
import type { SecretStore } from '../../stores/secrets/port.ts';
import { sealedSecrets } from '../../stores/secrets/sqlite.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The stores that the key commands read, opened as a worker with the same environment opens them. */
export interface Installation {
  readonly config: Config;
  readonly secrets: SecretStore;
  readonly temporal: Connection;
  /** By the file's name: how many values each key has sealed in a stand-in. Nothing in production. */
  readonly standIns: () => ReadonlyMap<string, ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

/**
 * Throws `ConfigError` where the environment is not a worker's, and the connection's own error while Temporal is away.
 */
export async function openInstallation(environment: Environment): Promise<Installation> {
  const config = loadConfig('worker', ownEnvironment('worker', workerEnvironment(environment), noClouds));
  const temporal = await Connection.connect({ ...connectionOptions(config.temporal), connectTimeout: '10 s' });
  const secrets = openSecretStore(config, createEgress(config.egress));
  return {
    config,
    secrets,
    temporal,
    standIns: () => standIns(config),
    async close() {
      await Promise.all([temporal.close(), secrets.close()]);
    },
  };
}

const DevInfo = Type.Object({ temporal: Type.String() });

/** The settings of a running `npm start` in this directory, unless another Temporal is named. */
function workerEnvironment(environment: Environment): Environment {
  const directory = environment['MOORING_STATE_DIR'] ?? '.mooring';
  const info = join(directory, 'dev.json');
  if (environment['TEMPORAL_ADDRESS'] || !existsSync(info)) return environment;
  const { temporal } = Value.Parse(DevInfo, JSON.parse(readFileSync(info, 'utf8')));
  return {
    ...environment,
    MOORING_MODE: 'dev',
    MOORING_KEYS: environment['MOORING_KEYS'] ?? readFileSync(join(directory, 'key-ring'), 'utf8').trim(),
    TEMPORAL_ADDRESS: temporal,
  };
}

function standIns({ vault, redisUrl, stateDirectory }: Config): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const counted = (file: string, tables: typeof sealedSecrets) =>
    [file, countSealedRows(join(stateDirectory, file), tables)] as const;
  return new Map([
    ...(vault ? [] : [counted('secrets.db', sealedSecrets)]),
    ...(redisUrl ? [] : [counted('ephemeral.db', sealedEntries)]),
  ]);
}
