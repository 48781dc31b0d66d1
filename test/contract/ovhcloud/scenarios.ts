import type { CapturedRun } from './captured-runs.ts';
import { projectId } from './recorded-world.ts';

/**
 * What a captured run does not say of itself: its output flag, environment and configuration file. `{base}` stands
 * for the origin of the simulated API; the `proxy` transport reaches it as eu.api.ovh.com and www.ovh.com over TLS.
 */
export interface Scenario {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The text of `./ovh.conf`. */
  readonly conf?: string;
  readonly transport: 'direct' | 'proxy';
  /** Which authority the program trusts. */
  readonly trusts?: 'authority' | 'another-authority';
}

const URL_ENDPOINT = { OVH_ENDPOINT: '{base}/1.0' };
const APPLICATION = {
  OVH_APPLICATION_KEY: 'ak-good',
  OVH_APPLICATION_SECRET: 'as-good',
  OVH_CONSUMER_KEY: 'ck-good',
};

const byAuth: Readonly<Record<CapturedRun['auth'], Scenario>> = {
  token: { flags: ['--json'], env: { ...URL_ENDPOINT, OVH_ACCESS_TOKEN: 'at-good' }, transport: 'direct' },
  appkey: { flags: ['--json'], env: { ...URL_ENDPOINT, ...APPLICATION }, transport: 'direct' },
  oauth2cc: {
    flags: ['--json'],
    env: { OVH_ENDPOINT: 'ovh-eu', OVH_CLIENT_ID: 'client-good', OVH_CLIENT_SECRET: 'secret-good' },
    transport: 'proxy',
  },
  none: { flags: ['--json'], env: URL_ENDPOINT, transport: 'direct' },
};

const conf = (sections: Readonly<Record<string, Readonly<Record<string, string>>>>): string =>
  Object.entries(sections)
    .map(([name, keys]) => [`[${name}]`, ...Object.entries(keys).map(([key, value]) => `${key}=${value}`)].join('\n'))
    .join('\n\n');

const keysSection = { application_key: 'ak-good', application_secret: 'as-good', consumer_key: 'ck-good' };

type Change = Omit<Partial<Scenario>, 'env'> & { readonly env?: Readonly<Record<string, string | undefined>> };

/** What sets a case apart from the others of its kind. */
const byCase: Readonly<Record<string, Change>> = {
  'X refused': { env: { OVH_ENDPOINT: 'http://127.0.0.1:9/1.0' } },
  'X refused appkey': { env: { OVH_ENDPOINT: 'http://127.0.0.1:9/1.0' } },
  'X dns': { env: { OVH_ENDPOINT: 'http://no-such-host.invalid/1.0' } },
  'X bad token': { env: { OVH_ACCESS_TOKEN: 'at-bad' } },
  'X bad appkey ck': { env: { OVH_CONSUMER_KEY: 'ck-bad' } },
  'X bad appkey secret': { env: { OVH_APPLICATION_SECRET: 'as-bad' } },
  'X appkey without ck': { env: { OVH_CONSUMER_KEY: undefined } },
  'X no auth no endpoint': { env: { OVH_ENDPOINT: undefined } },
  'X token+appkey': { env: { OVH_ACCESS_TOKEN: 'at-good' } },
  'X cc custom endpoint': { env: { OVH_CLIENT_ID: 'client-good', OVH_CLIENT_SECRET: 'secret-good' } },
  'X cc wrong secret': { env: { OVH_CLIENT_SECRET: 'secret-bad' } },
  'X cc with endpoint URL': { env: { OVH_ENDPOINT: 'https://eu.api.ovh.com/1.0' } },
  'X cc with endpoint v1 URL': { env: { OVH_ENDPOINT: 'https://eu.api.ovh.com/v1' } },
  'X unknown endpoint name': { env: { OVH_ENDPOINT: 'ovh-xx' } },
  'X endpoint trailing slash': { env: { OVH_ENDPOINT: '{base}/1.0/' } },
  'X endpoint v1': { env: { OVH_ENDPOINT: '{base}/v1' } },
  'X endpoint v1 + v2 path': { env: { OVH_ENDPOINT: '{base}/v1' } },
  'X project by env': { env: { OVH_CLOUD_PROJECT_SERVICE: projectId } },
  'X default project env': { env: { OVH_CLOUD_PROJECT_SERVICE: projectId } },
  'X flag beats env project': { env: { OVH_CLOUD_PROJECT_SERVICE: 'deadbeef' } },
  'X table': { flags: [] },
  'X table empty': { flags: [] },
  'X table 403': { flags: [] },
  'X version no auth table': { flags: [] },
  'X config show': { flags: [] },
  'X login noTTY': { flags: [] },
  'X format': { flags: [] },
  'X account get fmt': { flags: [] },
  'X yaml': { flags: ['--yaml'] },
  'X conf access_token in file': { conf: conf({ '{base}/1.0': { access_token: 'at-good' } }) },
  'X conf default project': { conf: conf({ 'ovh-cli': { default_cloud_project: projectId } }) },
  'X conf has app keys, env token, endpoint ovh-eu': {
    env: { OVH_ENDPOINT: 'ovh-eu' },
    conf: conf({ 'ovh-eu': keysSection }),
  },
  'X conf has app keys, env token, endpoint URL': { conf: conf({ 'ovh-eu': keysSection }) },
  'X conf broken ini': { conf: '[default\n' },
  'X config set': { conf: conf({ default: {} }) },
  'X token via proxy ovh-eu': { env: { OVH_ENDPOINT: 'ovh-eu' }, transport: 'proxy' },
  'X v2 via proxy ovh-eu': { env: { OVH_ENDPOINT: 'ovh-eu' }, transport: 'proxy' },
  'X token via proxy v1 url': { env: { OVH_ENDPOINT: 'https://eu.api.ovh.com/v1' }, transport: 'proxy' },
  'X proxy bad CA': {
    env: { OVH_ENDPOINT: 'https://eu.api.ovh.com/1.0' },
    transport: 'proxy',
    trusts: 'another-authority',
  },
};

export function scenarioOf(run: CapturedRun): Scenario {
  const common = byAuth[run.auth];
  const change = byCase[run.case] ?? {};
  const env = Object.entries({ ...common.env, ...change.env }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...common, ...change, env: Object.fromEntries(env) };
}

/** So that no change can be written for a case that does not exist. */
export const changedCases = Object.keys(byCase);
