import { describe, expect, test } from 'vitest';
import { argumentsFor, commands, programEnvironment } from '../../../providers/ovh/discovery/program.ts';
import { manifest } from '../../../providers/ovh/manifest.ts';
import { kinds } from '../../../providers/ovh/manifest/discovery.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { Secret } from '../../../platform/secret.ts';
import { capturedRuns } from '../../contract/ovhcloud/captured-runs.ts';

describe('commands', () => {
  test('each listing command was captured on the real program', () => {
    const captured = new Set(capturedRuns.map(({ args }) => args.slice(0, args.indexOf('list') + 1).join(' ')));
    const ours = Object.values(commands).map((command) => command.join(' '));
    expect(ours.filter((command) => !captured.has(command))).toEqual([]);
    expect(ours).toHaveLength(11);
  });

  test('no command prints secrets, switches on debugging or does anything but list', () => {
    for (const { id } of kinds) {
      const args = argumentsFor(id, null);
      expect(commands[id].at(-1)).toBe('list');
      expect(args.filter((arg) => /secret|credential|debug|^-d$/.test(arg))).toEqual([]);
    }
  });

  test('a command names its project with --cloud-project and continues past lost rows with --ignore-errors', () => {
    expect(argumentsFor('kubernetes', 'p1')).toEqual([
      'cloud',
      'kube',
      'list',
      '--cloud-project',
      'p1',
      '--ignore-errors',
      '--json',
    ]);
  });
});

describe('the environment of the program', () => {
  const regionWith = (url?: string) =>
    resolveSettings(manifest, url === undefined ? {} : { OVH_EU_API_URL: url }).regions.get('ovh-eu')!;
  const environment = (record: JsonObject, url?: string) =>
    programEnvironment({ region: regionWith(url), record: new Secret(record) });
  const revealed = (record: JsonObject) =>
    Object.fromEntries(
      Object.entries(environment(record)).map(([name, value]) => [
        name,
        value instanceof Secret ? `secret:${value.reveal()}` : value,
      ]),
    );

  test.each([['authorization_code'], ['client_credentials']])(
    'the environment of the program has only the access token for %s',
    (auth_method) => {
      const record = { auth_method, access_token: 'at', refresh_token: 'rt', client_id: 'c', application_key: 'ak' };
      expect(revealed(record)).toEqual({
        OVH_ENDPOINT: 'https://eu.api.ovh.com/1.0',
        OVH_PROFILE: 'default',
        OVH_ACCESS_TOKEN: 'secret:at',
      });
    },
  );

  test('the environment of the program has only the three keys for API credentials', () => {
    const keys = { application_key: 'ak', application_secret: 'as', consumer_key: 'ck' };
    expect(revealed({ auth_method: 'api_credentials', access_token: 'at', ...keys })).toEqual({
      OVH_ENDPOINT: 'https://eu.api.ovh.com/1.0',
      OVH_PROFILE: 'default',
      OVH_APPLICATION_KEY: 'secret:ak',
      OVH_APPLICATION_SECRET: 'secret:as',
      OVH_CONSUMER_KEY: 'secret:ck',
    });
  });

  test.each([
    [{ auth_method: 'authorization_code' }],
    [{ auth_method: 'api_credentials', application_key: 'ak', consumer_key: 'ck' }],
  ])('no environment is made from a record without its credential: %j', (record) => {
    expect(() => environment(record)).toThrow('The stored credential is no longer in the secret store.');
  });

  test('a trailing slash of the API address is removed, because the program cannot handle it', () => {
    const { OVH_ENDPOINT } = environment({ access_token: 'at' }, 'http://127.0.0.1:4000/1.0/');
    expect(OVH_ENDPOINT).toBe('http://127.0.0.1:4000/1.0');
  });

  test.each([['ovh-eu'], ['https://eu.api.ovh.com'], ['https://eu.api.ovh.com/v1'], ['http://ovh.example/1.0']])(
    'no environment is made for the API address %s',
    (url) => {
      expect(() => environment({ access_token: 'at' }, url)).toThrow('must be an https URL that ends in /1.0');
    },
  );
});
