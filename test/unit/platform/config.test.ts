import { expect, test } from 'vitest';
import { ConfigError, loadConfig, type ProcessName } from '../../../platform/config.ts';
import { variables } from '../../../platform/config/variables.ts';
import { KeyRing } from '../../../platform/key-ring.ts';

const keys = KeyRing.generate();
const production = {
  PUBLIC_URL: 'https://mooring.example',
  TEMPORAL_ADDRESS: 'temporal:7233',
  MOORING_KEYS: keys,
  VAULT_ADDR: 'https://vault.example:8200',
  VAULT_ROLE_ID: 'role',
  VAULT_SECRET_ID: 'secret-id-value',
  REDIS_URL: 'rediss://:redis-password@redis:6379/0',
};

function sentences(processName: ProcessName, environment: Record<string, string | undefined>): readonly string[] {
  try {
    loadConfig(processName, environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.sentences;
    throw error;
  }
}

test('a complete environment without a mode variable is production', () => {
  expect(loadConfig('api', production).dev).toBe(false);
});

test.each([
  'rediss://user:password@redis:6379/0',
  'rediss+sentinel://:password@a:26379,b:26379/m',
  'rediss+sentinel://user:password@a:26379,[::1]:26379/primary/2?sentinelPassword=secret',
  'rediss+cluster://user:password@a:6379,b:6379',
])('REDIS_URL may name one server, Sentinels or a Cluster: %s', (url) => {
  expect(sentences('api', { ...production, REDIS_URL: url })).toEqual([]);
});

const required = Object.values(variables).filter((variable) => 'required' in variable);

test.each(required.flatMap((variable) => variable.required.map((name) => [name, variable.name] as const)))(
  'the %s refuses to start without %s, and names it',
  (processName, name) => {
    const missing = sentences(processName, { ...production, [name]: undefined });
    expect(missing.some((sentence) => sentence.includes(name))).toBe(true);
  },
);

test('all mistakes of the configuration are reported at once', () => {
  expect(sentences('worker', {}).length).toBeGreaterThanOrEqual(5);
});

test.each([
  ['PORT', 'http'],
  ['TEMPORAL_ADDRESS', 'temporal'],
  ['REDIS_URL', 'http://redis'],
  ['REDIS_URL', 'redis+sentinel://a:26379,b:26379'],
  ['REDIS_URL', 'redis+other://a:6379'],
  ['PUBLIC_URL', 'mooring.example'],
  ['LOG_LEVEL', 'loud'],
  ['MOORING_MODE', 'production '],
])('a wrong %s is reported in one sentence that says what it must be', (name, value) => {
  const [sentence, ...others] = sentences('api', { ...production, [name]: value });
  expect(sentence).toMatch(new RegExp(`^${name}.*must be`));
  expect(others).toEqual([]);
});

test('no message about the configuration quotes a secret', () => {
  const secret = 'not-a-redis-url-but-a-password';
  const told = sentences('api', { ...production, REDIS_URL: secret, MOORING_KEYS: `k1:${secret}` }).join('\n');
  expect(told).toContain('REDIS_URL');
  expect(told).toContain('MOORING_KEYS');
  expect(told).not.toContain(secret);
});

test('production refuses to run without payload encryption', () => {
  expect(sentences('worker', { ...production, MOORING_PAYLOAD_ENCRYPTION: 'off' }).join()).toContain('refused');
});

test('payload encryption is required in production, and in development it is on by default and can be off', () => {
  expect(loadConfig('worker', production).payloadEncryption).toBe('required');
  const development = { MOORING_MODE: 'dev', MOORING_KEYS: keys };
  expect(loadConfig('worker', development).payloadEncryption).toBe('on');
  expect(loadConfig('api', { ...development, MOORING_PAYLOAD_ENCRYPTION: 'off' }).payloadEncryption).toBe('off');
});

test('retired keys are used only by the API', () => {
  const environment = { ...production, MOORING_RETIRED_KEYS: KeyRing.generate('k0') };
  expect(loadConfig('api', environment).keyRing.retiredKeyIds).toEqual(['k0']);
  expect(loadConfig('worker', { ...environment, MOORING_MODE: 'dev' }).keyRing.retiredKeyIds).toEqual([]);
  expect(loadConfig('api', { ...production, MOORING_RETIRED_KEYS: '' }).keyRing.retiredKeyIds).toEqual([]);
});

test.each([
  ['invalid', 'k0:short'],
  ['also in use', keys],
])('a retired key that is %s is refused and not quoted', (_what, retired) => {
  const [sentence, ...others] = sentences('api', { ...production, MOORING_RETIRED_KEYS: retired });
  expect(sentence).toMatch(/^MOORING_RETIRED_KEYS is not valid/);
  expect(sentence).not.toContain(retired.split(':')[1]);
  expect(others).toEqual([]);
});

test('a worker is versioned by its deployment and its build id, and refuses one without the other', () => {
  const versioned = { ...production, WORKER_DEPLOYMENT: 'mooring', WORKER_BUILD_ID: '1.2.0+3f23635' };
  expect(loadConfig('worker', versioned).deployment).toEqual({ name: 'mooring', buildId: '1.2.0+3f23635' });
  expect(loadConfig('worker', production).deployment).toBeUndefined();
  for (const missing of ['WORKER_DEPLOYMENT', 'WORKER_BUILD_ID']) {
    expect(sentences('worker', { ...versioned, [missing]: undefined })).toEqual([
      'WORKER_DEPLOYMENT and WORKER_BUILD_ID go together: set both, or none.',
    ]);
  }
});

test('Vault without an AppRole is refused in development too', () => {
  const told = sentences('api', { MOORING_MODE: 'dev', MOORING_KEYS: keys, VAULT_ADDR: 'http://127.0.0.1:8200' });
  expect(told.join()).toContain('VAULT_ROLE_ID');
});

test('the older name of the public address is accepted, and an address with a path is refused', () => {
  const { PUBLIC_URL: url, ...rest } = production;
  expect(loadConfig('api', { ...rest, NEXT_PUBLIC_BACKEND_URL: url }).publicUrl).toBe('https://mooring.example');
  expect(sentences('api', { ...production, PUBLIC_URL: 'https://mooring.example/app' }).join()).toContain(
    'without a path',
  );
});
