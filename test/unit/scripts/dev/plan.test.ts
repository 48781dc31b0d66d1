import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manifests } from '../../../../providers/manifests/all.ts';
import { cloudVariables } from '../../../../providers/manifests/settings.ts';
import { loadConfig } from '../../../../platform/config.ts';
import { planStack } from '../../../../scripts/dev/plan.ts';
import { openStateDirectory } from '../../../../scripts/dev/state-directory.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const standInPrograms = [{ name: 'ovhcloud', variable: 'OVHCLOUD_PATH', path: '/mooring/ovhcloud.mjs' }];
const ports = { api: 5000, metrics: 5001, sandbox: 5010, temporal: 7233, ui: 8233 };

function plan(environment: Record<string, string> = {}, programs = standInPrograms) {
  const directory = openStateDirectory(join(temporaryFolder(), '.mooring'));
  const temporalProgram = environment['TEMPORAL_ADDRESS'] ? null : '/usr/bin/temporal';
  const planned = planStack({
    root: '/mooring',
    environment,
    directory,
    ports,
    temporalProgram,
    standInPrograms: programs,
    startId: 'start',
  });
  return { ...planned, directory };
}

test('everything is a stand-in where nothing is set, and the planned configuration is valid', () => {
  const { processes, addresses, standIns, environment, directory } = plan();

  expect(Object.values(processes).every((part) => part !== null)).toBe(true);
  expect(addresses).toEqual({
    api: 'http://localhost:5000',
    ui: 'http://localhost:8233',
    sandbox: 'http://127.0.0.1:5010',
  });
  expect(standIns.map((text) => text.split(':')[0])).toEqual(['Temporal', 'Vault', 'Redis', 'Clouds', 'ovhcloud']);
  for (const process of ['api', 'worker'] as const) {
    const config = loadConfig(process, environment);
    expect(config).toMatchObject({
      dev: true,
      port: 5000,
      temporal: { address: '127.0.0.1:7233', namespace: 'default' },
      stateDirectory: directory.path,
      discovery: { intervalSeconds: 3_600 },
      uiOrigin: 'http://localhost:8233',
    });
  }
});

test('a second plan in the same directory has the same keys and the same codec path', () => {
  const directory = openStateDirectory(join(temporaryFolder(), '.mooring'));
  const startId = 'start';
  const [first, second] = [1, 2].map(() =>
    planStack({
      root: '/mooring',
      environment: {},
      directory,
      ports,
      temporalProgram: 'temporal',
      standInPrograms,
      startId,
    }),
  );

  expect(second).toEqual(first);
});

test('a region with its own application uses the real cloud, and the other regions are simulated', () => {
  const { environment } = plan({ OVH_EU_CLIENT_ID: 'mine', OVH_EU_CLIENT_SECRET: 'secret' });

  expect(environment['OVH_EU_CLIENT_ID']).toBe('mine');
  expect(
    Object.keys(environment)
      .filter((name) => name.startsWith('OVH_EU_'))
      .toSorted(),
  ).toEqual(['OVH_EU_CLIENT_ID', 'OVH_EU_CLIENT_SECRET']);
  expect(environment['OVH_CA_TOKEN_URL']).toMatch(/^http:\/\/127\.0\.0\.1:5010\//);
});

test('a region name in the shell is not a credential, so that the cloud stays simulated', () => {
  const { environment } = plan({ AWS_DEFAULT_REGION: 'eu-west-1' });

  expect(environment['AWS_ENDPOINT_URL_STS']).toMatch(/^http:\/\/127\.0\.0\.1:5010\//);
  expect(environment).toMatchObject({ AWS_DEFAULT_REGION: 'eu-west-1' });
  expect(plan({ AWS_ACCESS_KEY_ID: 'mine' }).environment).not.toHaveProperty('AWS_ENDPOINT_URL_STS');
});

test('addresses that are set are used, and no stand-in runs for them', () => {
  const everything = manifests.flatMap(({ regions }) =>
    regions.flatMap(({ settings }) => Object.values(settings).map(({ names }) => [names[0], 'mine'] as const)),
  );
  const { processes, addresses, standIns, environment } = plan(
    {
      ...(Object.fromEntries(everything) as Record<string, string>),
      TEMPORAL_ADDRESS: 'temporal.example:7233',
      VAULT_ADDR: 'https://vault.example:8200',
      REDIS_URL: 'rediss://redis.example:6379',
    },
    [],
  );

  expect(processes.temporal).toBeNull();
  expect(processes.sandbox).toBeNull();
  expect(addresses).toMatchObject({ ui: null, sandbox: null });
  expect(standIns).toEqual([]);
  expect(environment['TEMPORAL_ADDRESS']).toBe('temporal.example:7233');
});

test('Temporal and the sandbox get no Vault secret and no keys, and no process gets them as arguments', () => {
  const { processes, environment } = plan({ VAULT_SECRET_ID: 'vault-secret', PATH: '/usr/bin' });
  const keys = environment['MOORING_KEYS'] ?? '';

  for (const part of [processes.temporal, processes.sandbox]) {
    expect(Object.values(part?.environment ?? {}).join(' ')).not.toContain('vault-secret');
    expect(Object.values(part?.environment ?? {})).not.toContain(keys);
  }
  for (const part of Object.values(processes)) {
    expect(part?.args.join(' ')).not.toContain('vault-secret');
    expect(part?.args.join(' ')).not.toContain(keys);
  }
});

test('the Temporal dev server listens on loopback, registers search attributes and has the codec endpoint', () => {
  const { processes } = plan();
  const args = processes.temporal?.args.join(' ') ?? '';

  expect(args).toContain('--ip 127.0.0.1');
  expect(args).toContain('--ui-ip 127.0.0.1');
  expect(args).toContain('--search-attribute MooringTags=KeywordList');
  expect(args).toContain('--search-attribute MooringStatusSince=Datetime');
  expect(args).toMatch(/--ui-codec-endpoint http:\/\/localhost:5000\/codec\/[\w-]{32}/);
});

test('the API is started without the secrets of clouds, and the worker without what is the API’s alone', () => {
  const { processes } = plan({
    OVH_EU_CLIENT_ID: 'mine',
    OVH_EU_CLIENT_SECRET: 'cloud-secret',
    MOORING_RETIRED_KEYS: 'k0:retired',
    MOORING_CODEC_PATH_TOKEN: 'path-token',
  });
  const [api, worker] = [processes.api?.environment ?? {}, processes.worker?.environment ?? {}];

  expect(worker).toMatchObject({ OVH_EU_CLIENT_ID: 'mine', OVH_EU_CLIENT_SECRET: 'cloud-secret' });
  expect(api).toMatchObject({
    OVH_EU_CLIENT_ID: 'mine',
    MOORING_RETIRED_KEYS: 'k0:retired',
    MOORING_CODEC_PATH_TOKEN: 'path-token',
    MOORING_START_ID: 'start',
  });
  const { secrets } = cloudVariables(manifests);
  expect(secrets.filter((name) => name in worker).length).toBeGreaterThan(5);
  expect(secrets.filter((name) => name in api)).toEqual([]);
  for (const name of ['MOORING_RETIRED_KEYS', 'MOORING_CODEC_PATH_TOKEN', 'MOORING_START_ID']) {
    expect(worker).not.toHaveProperty(name);
  }
});
