import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig, type ProcessName } from '../../../platform/config.ts';
import { judgeProxies } from '../../../platform/config/networks.ts';
import { risks } from '../../../platform/config/risks.ts';
import { KeyRing } from '../../../platform/key-ring.ts';
import { manifests } from '../../../providers/manifests/all.ts';
import { cloudVariables } from '../../../providers/manifests/settings.ts';

const keys = KeyRing.generate();
const strong = {
  PUBLIC_URL: 'https://mooring.example',
  TEMPORAL_ADDRESS: 'temporal:7233',
  MOORING_KEYS: keys,
  VAULT_ADDR: 'https://vault.example:8200',
  VAULT_ROLE_ID: 'role',
  VAULT_SECRET_ID: 'secret-id-value',
  REDIS_URL: 'rediss://:redis-password@redis:6379/0',
  MOORING_CODEC_PATH_TOKEN: 'b1946ac92492d2347c6235b4d2611184',
};
const environmentOf = (name: ProcessName, changes: Record<string, string>) => {
  const { MOORING_CODEC_PATH_TOKEN, ...shared } = strong;
  return name === 'api' ? { ...shared, MOORING_CODEC_PATH_TOKEN, ...changes } : { ...shared, ...changes };
};
const clouds = cloudVariables(manifests);

function sentences(name: ProcessName, environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(name, environment, clouds);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.sentences;
    throw error;
  }
}

const key = (bytes: Buffer | string): string => `k1:${Buffer.from(bytes).toString('base64')}`;
const both = ['api', 'worker'] as const;
const api = ['api'] as const;

/** The setting, what it is set to, the word that allows it, and the processes that it concerns. */
const weak: readonly (readonly [string, string, keyof typeof risks, readonly ProcessName[]])[] = [
  ['PUBLIC_URL', 'http://mooring.example', 'http-public-url', api],
  ['PUBLIC_URL', 'http://127.0.0.1:5000', 'http-public-url', api],
  ['TEMPORAL_UI_ORIGIN', 'http://temporal-ui.example:8080', 'http-ui-origin', api],
  ['VAULT_ADDR', 'http://vault:8200', 'http-vault', both],
  ['VAULT_ADDR', 'http://127.0.0.1:8200', 'http-vault', both],
  ['REDIS_URL', 'rediss://redis:6379/0', 'redis-without-password', both],
  ['REDIS_URL', 'rediss://user@redis:6379/0', 'redis-without-password', both],
  ['REDIS_URL', 'rediss://user:@redis:6379/0', 'redis-without-password', both],
  ['REDIS_URL', 'rediss+sentinel://a:26379,b:26379/primary?sentinelPassword=x', 'redis-without-password', both],
  ['REDIS_URL', 'rediss+cluster://a:6379,b:6379', 'redis-without-password', both],
  ['REDIS_URL', 'redis://:redis-password@redis:6379/0', 'redis-without-tls', both],
  ['REDIS_URL', 'redis+cluster://:redis-password@a:6379', 'redis-without-tls', both],
  ['TEMPORAL_ADDRESS', 'temporal.example:7233', 'temporal-without-tls', both],
  ['TEMPORAL_ADDRESS', '203.0.113.9:7233', 'temporal-without-tls', both],
  ['TEMPORAL_ADDRESS', '[2001:db8::1]:7233', 'temporal-without-tls', both],
  ['MOORING_KEYS', key(Buffer.alloc(32)), 'weak-keys', both],
  ['MOORING_KEYS', `${keys},old:${Buffer.alloc(32, 7).toString('base64')}`, 'weak-keys', both],
  ['MOORING_KEYS', key('correct horse battery staple! 42'), 'weak-keys', both],
  ['MOORING_RETIRED_KEYS', `k0:${Buffer.alloc(32).toString('base64')}`, 'weak-keys', api],
  ['MOORING_CODEC_PATH_TOKEN', 'x', 'weak-codec-token', api],
  ['MOORING_CODEC_PATH_TOKEN', 'b1946ac92492d2347c6235b4d261118', 'weak-codec-token', api],
  ['MOORING_CODEC_PATH_TOKEN', 'ab'.repeat(32), 'weak-codec-token', api],
  ['TRUSTED_PROXIES', '0.0.0.0/0', 'all-proxies', api],
  ['TRUSTED_PROXIES', '10.0.0.0/8,::/0', 'all-proxies', api],
  ['NODE_TLS_REJECT_UNAUTHORIZED', '0', 'unverified-tls', both],
  ['OVH_EU_TOKEN_URL', 'http://ovh.example/token', 'http-clouds', ['worker']],
];

const cases = weak.flatMap(([variable, value, word, names]) => names.map((name) => ({ name, variable, value, word })));

describe('weak settings', () => {
  test('the settings that the cases change are strong', () => {
    for (const name of both) expect(sentences(name, environmentOf(name, {}))).toEqual([]);
  });

  test.for(cases)(
    'production refuses $variable=$value for the $name in one sentence with the word that allows it: $word',
    ({ name, variable, value, word }) => {
      const environment = environmentOf(name, { [variable]: value });
      const [sentence, ...others] = sentences(name, environment);
      expect(others).toEqual([]);
      expect(sentence).toMatch(new RegExp(`^${variable} `));
      expect(sentence).toContain(`add "${word}" to MOORING_ALLOW.`);

      const allowed = { ...environment, MOORING_ALLOW: word };
      expect(sentences(name, allowed)).toEqual([]);
      expect(loadConfig(name, allowed, clouds).allowedRisks).toEqual([word]);
      const [another] = Object.keys(risks).filter((one) => one !== word);
      expect(sentences(name, { ...environment, MOORING_ALLOW: another ?? '' })).toEqual([sentence]);
    },
  );

  test('every risk has a case', () => {
    expect([...new Set(weak.map(([, , word]) => word))].toSorted()).toEqual(Object.keys(risks).toSorted());
  });

  test.for(cases)('development is not bothered with $variable=$value', ({ name, variable, value }) => {
    const environment = { MOORING_MODE: 'dev', MOORING_KEYS: keys, [variable]: value };
    const signIn = variable === 'VAULT_ADDR' ? { VAULT_ROLE_ID: 'role', VAULT_SECRET_ID: 'id' } : {};
    expect(sentences(name, { ...environment, ...signIn })).toEqual([]);
  });

  test('several weak settings are refused at once, and no sentence quotes a secret', () => {
    const told = sentences('api', {
      ...environmentOf('api', {}),
      REDIS_URL: 'redis://user@redis:6379',
      PUBLIC_URL: 'http://mooring.example',
      MOORING_KEYS: key(Buffer.alloc(32)),
      MOORING_CODEC_PATH_TOKEN: 'canary',
    });
    expect(told).toHaveLength(5);
    expect(told.join()).not.toMatch(/canary|AAAA|user@/);
  });

  test('a word that names no risk is refused with the words that do', () => {
    const [sentence, ...others] = sentences('api', environmentOf('api', { MOORING_ALLOW: 'http-vault, everything' }));
    expect(others).toEqual([]);
    expect(sentence).toMatch(/^MOORING_ALLOW names no risk with "everything": .*http-public-url/);
  });

  test.for([
    '127.0.0.1:7233',
    '10.1.2.3:7233',
    '[::1]:7233',
    '[fd00::7]:7233',
    'temporal:7233',
    'temporal.mooring.svc.cluster.local:7233',
  ])('Temporal may be reached without TLS in a private network: %s', (address) => {
    expect(sentences('worker', environmentOf('worker', { TEMPORAL_ADDRESS: address }))).toEqual([]);
  });

  test('Temporal outside the private network is accepted with TLS', () => {
    const outside = { TEMPORAL_ADDRESS: 'temporal.example:7233' };
    expect(sentences('api', environmentOf('api', { ...outside, TEMPORAL_TLS: 'true' }))).toEqual([]);
    expect(sentences('api', environmentOf('api', { ...outside, TEMPORAL_API_KEY: 'key' }))).toEqual([]);
  });

  test('what stays on this machine is not refused: a cloud and a Temporal UI on loopback', () => {
    const loopback = { OVH_EU_TOKEN_URL: 'http://127.0.0.1:5010/token', TEMPORAL_UI_ORIGIN: 'http://localhost:8080' };
    for (const name of both) expect(sentences(name, environmentOf(name, loopback))).toEqual([]);
  });
});

describe('trusted proxies', () => {
  test.for([
    '0.0.0.0/0',
    '0.0.0.0/0.0.0.0',
    '0.0.0.0/1',
    '128.0.0.0/1',
    '64.0.0.0/7',
    '::/0',
    '2000::/3',
    '::/64',
    '::ffff:0:0/96',
    '::ffff:0.0.0.0/97',
    '0:0:0:0:0:ffff:c000:0/100',
  ])('%s is too wide for reverse proxies', (network) => {
    expect(judgeProxies(`loopback, ${network}`)).toEqual({ invalid: [], tooWide: [network] });
  });

  test.for([
    'uniquelocal',
    '10.0.0.0/8',
    '10.0.0.0/255.0.0.0',
    '192.0.2.7',
    '::1',
    'fc00::/18',
    '2001:db8::/32',
    '::ffff:10.0.0.0/104',
  ])('%s is accepted for reverse proxies', (network) => {
    expect(judgeProxies(network)).toEqual({ invalid: [], tooWide: [] });
  });

  test.for(['everyone', '10.0.0.0/33', '10.0.0/8', '::/129', '10.0.0.0/8/8', '10.0.0.0/255.0.255.0', 'true'])(
    '"%s" is refused, because it is no network',
    (entry) => {
      expect(judgeProxies(entry).invalid).toEqual([entry]);
      const [sentence] = sentences('api', environmentOf('api', { TRUSTED_PROXIES: `10.0.0.0/8,${entry}` }));
      expect(sentence).toMatch(/^TRUSTED_PROXIES ".+" is not valid: it must be an address/);
    },
  );
});

describe('secrets of another process', () => {
  test.for(clouds.secrets)('the API refuses %s, which belongs to the workers', (name) => {
    expect(sentences('api', environmentOf('api', { [name]: 'canary' }))).toEqual([
      `${name} belongs to the workers alone: take it out of the environment of the API.`,
    ]);
    expect(sentences('worker', environmentOf('worker', { [name]: 'canary' }))).toEqual([]);
  });

  test.for(['MOORING_RETIRED_KEYS', 'MOORING_CODEC_PATH_TOKEN'])(
    'a worker refuses %s, which belongs to the API',
    (name) => {
      const value = name === 'MOORING_RETIRED_KEYS' ? KeyRing.generate('k0') : strong.MOORING_CODEC_PATH_TOKEN;
      expect(sentences('worker', environmentOf('worker', { [name]: value }))).toEqual([
        `${name} belongs to the API alone: take it out of the environment of the worker.`,
      ]);
      expect(sentences('api', environmentOf('api', { [name]: value }))).toEqual([]);
    },
  );

  test.for(both.flatMap((name) => ['VAULT_TOKEN', 'POSTGRES_PASSWORD'].map((variable) => ({ name, variable }))))(
    'the $name refuses $variable, which belongs to no process of Mooring',
    ({ name, variable }) => {
      const told = sentences(name, environmentOf(name, { [variable]: 'canary' }));
      expect(told).toEqual([expect.stringMatching(new RegExp(`^${variable} belongs to no process of Mooring`))]);
    },
  );

  test('an empty variable of another process is not refused, and development is not bothered', () => {
    const blank = Object.fromEntries(clouds.secrets.map((name) => [name, '']));
    expect(sentences('api', environmentOf('api', blank))).toEqual([]);
    const development = { MOORING_MODE: 'dev', MOORING_KEYS: keys, OVH_EU_CLIENT_SECRET: 'x', VAULT_TOKEN: 'x' };
    expect(sentences('api', development)).toEqual([]);
  });
});
