import { describe, expect, test } from 'vitest';
import { ConfigError, EXIT_CONFIG, loadConfig } from '../../platform/config.ts';
import { variables, type Variable } from '../../platform/config/variables.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { startProductionProcess } from './support/production-process.ts';

const own: readonly Variable[] = Object.values(variables);
const requiredOf = (name: 'api' | 'worker'): string[] =>
  own.filter(({ required }) => required?.includes(name)).map((variable) => variable.name);

/** A complete configuration of servers that do not exist: a process that accepts it would wait and not exit. */
const complete = {
  PUBLIC_URL: 'https://mooring.example',
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  VAULT_ADDR: 'https://127.0.0.1:1',
  VAULT_ROLE_ID: 'a-role',
  VAULT_SECRET_ID: 'a-secret-id',
  REDIS_URL: 'rediss://:a-password@127.0.0.1:1',
  MOORING_KEYS: KeyRing.generate(),
} satisfies Record<string, string>;

const boot = async (name: 'api' | 'worker', environment: Readonly<Record<string, string>>) => {
  const started = startProductionProcess({ name }, environment);
  return { exitCode: await started.ended, output: started.output() };
};
const without = (variable: string): Record<string, string> =>
  Object.fromEntries(Object.entries(complete).filter(([name]) => name !== variable));

describe('a process that is started by itself', { timeout: 60_000 }, () => {
  test.for(['api', 'worker'] as const)(
    'the %s names every variable that is missing, and exits with EX_CONFIG',
    async (name) => {
      const { exitCode, output } = await boot(name, {});
      expect(exitCode).toBe(EXIT_CONFIG);
      for (const variable of requiredOf(name))
        expect(output).toMatch(new RegExp(`^${variable} is not set: .+\\.$`, 'm'));
    },
  );

  const missing = (['api', 'worker'] as const).flatMap((name) =>
    requiredOf(name).map((variable) => ({ name, variable })),
  );
  test.for(missing)(
    'the configuration of the $name is refused where only $variable is missing',
    ({ name, variable }) => {
      expect(() => loadConfig(name, complete)).not.toThrow();
      const refused = (): unknown => loadConfig(name, without(variable));
      expect(refused).toThrow(ConfigError);
      expect(refused).toThrow(new RegExp(`${variable} is not set`));
    },
  );

  test('a worker in production is refused with payload encryption turned off', async () => {
    const { exitCode, output } = await boot('worker', { ...complete, MOORING_PAYLOAD_ENCRYPTION: 'off' });
    expect(exitCode).toBe(EXIT_CONFIG);
    expect(output.trim()).toBe(
      'MOORING_PAYLOAD_ENCRYPTION=off is refused in production: payloads carry authorization codes.',
    );
  });

  test('an API in production is refused where a redirect URI has another origin', async () => {
    const { exitCode, output } = await boot('api', {
      ...complete,
      OVH_EU_CLIENT_ID: 'an-id',
      OVH_EU_REDIRECT_URI: 'https://elsewhere.example/ovh/oauth2/callback',
    });
    expect(exitCode).toBe(EXIT_CONFIG);
    expect(output).toContain('OVH_EU_REDIRECT_URI');
  });

  test('an API in production is refused with a secret of a cloud, which is the workers’ alone', async () => {
    const { exitCode, output } = await boot('api', { ...complete, OVH_EU_CLIENT_SECRET: 'a-client-secret' });
    expect(exitCode).toBe(EXIT_CONFIG);
    expect(output.trim()).toBe(
      'OVH_EU_CLIENT_SECRET belongs to the workers alone: take it out of the environment of the API.',
    );
  });

  test('a worker in production is refused with retired keys, which are the API’s alone', async () => {
    const { exitCode, output } = await boot('worker', { ...complete, MOORING_RETIRED_KEYS: KeyRing.generate('k0') });
    expect(exitCode).toBe(EXIT_CONFIG);
    expect(output.trim()).toBe(
      'MOORING_RETIRED_KEYS belongs to the API alone: take it out of the environment of the worker.',
    );
  });

  test('a process in production is refused with weak settings, each in a sentence of its own', async () => {
    const weak = { VAULT_ADDR: 'http://127.0.0.1:1', REDIS_URL: 'redis://127.0.0.1:1' };
    const { exitCode, output } = await boot('worker', { ...complete, ...weak });
    expect(exitCode).toBe(EXIT_CONFIG);
    const words = ['http-vault', 'redis-without-password', 'redis-without-tls'];
    expect(output.trim().split('\n')).toEqual(
      words.map((word) => expect.stringContaining(`add "${word}" to MOORING_ALLOW.`) as string),
    );
  });
});
