import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configPath, openConfigFile, type Config } from '../../../cli/config/file.ts';
import { findLocalStack } from '../../../cli/config/local-stack.ts';
import { resolveTarget, type TargetInput } from '../../../cli/config/target.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const mode = (path: string): number => statSync(path).mode & 0o777;
const production = { url: 'https://mooring.example.com', apiKey: 'mrg_production' };
const staging = { url: 'https://staging.example.com', apiKey: 'mrg_staging' };
const local = { url: 'http://localhost:5000', apiKey: 'mrg_local' };
const config: Config = { current: 'production', profiles: { production, staging } };

test('the file is in the configuration folder of the user', () => {
  expect(configPath({ XDG_CONFIG_HOME: '/etc/user' })).toBe('/etc/user/mooring/config.json');
  expect(configPath({ HOME: '/home-of-user' })).toBe('/home-of-user/.config/mooring/config.json');
});

test('what is written is read again, and only its owner can read it', () => {
  const path = join(temporaryFolder(), 'mooring', 'config.json');
  const file = openConfigFile(path);
  expect(file.read()).toEqual({ current: null, profiles: {} });

  file.write(config);

  expect(file.read()).toEqual(config);
  expect(mode(path)).toBe(0o600);
  expect(mode(join(path, '..'))).toBe(0o700);
});

test('a leftover of an interrupted write does not give its mode to the file', () => {
  const path = join(temporaryFolder(), 'mooring', 'config.json');
  mkdirSync(join(path, '..'));
  writeFileSync(`${path}.new`, '', { mode: 0o644 });

  openConfigFile(path).write(config);

  expect(mode(path)).toBe(0o600);
});

test('a file that others can read is refused, and nothing of it is used', () => {
  const path = join(temporaryFolder(), 'config.json');
  openConfigFile(path).write(config);
  chmodSync(path, 0o640);

  expect(() => openConfigFile(path).read()).toThrow(expect.objectContaining({ code: 'config_not_private' }) as Error);
});

test('a broken file is an error that quotes nothing of it', () => {
  const path = join(temporaryFolder(), 'config.json');
  writeFileSync(path, '{"profiles":{"p":{"url":"u","apiKey":mrg_secret}}}', { mode: 0o600 });

  expect(() => openConfigFile(path).read()).toThrow(/is not the file that "mooring login" writes/);
  expect(readFileSync(path, 'utf8')).toContain('mrg_secret');
});

const resolved = (more: Partial<TargetInput>, known: Config = config) =>
  resolveTarget({ options: {}, environment: {}, config: () => known, localStack: () => local, ...more });

test.each([
  ['the current profile', {}, production],
  ['--profile', { options: { profile: 'staging' } }, staging],
  ['MOORING_PROFILE', { environment: { MOORING_PROFILE: 'staging' } }, staging],
  [
    '--profile before MOORING_URL',
    { options: { profile: 'staging' }, environment: { MOORING_URL: 'https://x' } },
    staging,
  ],
  [
    '--url with the key of a profile of that URL',
    { options: { url: 'https://staging.example.com/' } },
    { apiKey: 'mrg_staging' },
  ],
  [
    'MOORING_URL with MOORING_API_KEY',
    { environment: { MOORING_URL: 'https://x', MOORING_API_KEY: 'mrg_x' } },
    { url: 'https://x', apiKey: 'mrg_x' },
  ],
  ['the local stack by name', { options: { profile: 'local' } }, local],
])('%s decides', (_, input, expected) => {
  expect(resolved(input)).toMatchObject(expected);
});

test('no key of a profile goes to another URL', () => {
  expect(resolved({ options: { url: 'https://elsewhere.example' } }).apiKey).toBeUndefined();
  expect(resolved({ environment: { MOORING_URL: 'https://elsewhere.example' } }).apiKey).toBeUndefined();
  expect(() => resolved({ options: { url: 'https://elsewhere.example', profile: 'staging' } })).toThrow(/another URL/);
});

test('the local stack is used where nothing else is named, and an unknown profile is an error', () => {
  const none: Config = { current: null, profiles: {} };
  expect(resolved({}, none)).toMatchObject(local);
  expect(() => resolved({ localStack: () => undefined }, none)).toThrow(
    expect.objectContaining({ code: 'not_signed_in', exitCode: 4 }) as Error,
  );
  expect(() => resolved({ options: { profile: 'constructor' } })).toThrow(/There is no profile "constructor"/);
});

function checkout(info: object, fileMode = 0o600) {
  const root = temporaryFolder();
  mkdirSync(join(root, '.mooring'));
  writeFileSync(join(root, '.mooring', 'dev.json'), JSON.stringify(info), { mode: fileMode });
  return root;
}
const dev = { api: 'http://localhost:5000', apiKey: 'mrg_a', operatorKey: 'mrg_o', pids: { api: 7 } };
const find = (root: string, name: 'local' | 'local-operator' = 'local', pid = 7) =>
  findLocalStack({ root, environment: {}, isRunning: (asked) => asked === pid }, name);

test('a stack that runs in the checkout is found, with each of its keys', () => {
  const root = checkout(dev);
  expect(find(root)).toEqual({ url: 'http://localhost:5000', apiKey: 'mrg_a' });
  expect(find(root, 'local-operator')).toEqual({ url: 'http://localhost:5000', apiKey: 'mrg_o' });
});

test('no stack is found where none runs, where its API is gone, or where the address is of another machine', () => {
  expect(find(temporaryFolder())).toBeUndefined();
  expect(find(checkout(dev), 'local', 8)).toBeUndefined();
  expect(find(checkout({ ...dev, api: 'http://elsewhere.example' }))).toBeUndefined();
  expect(find(checkout({ ...dev, apiKey: null }))).toBeUndefined();
});

test('the keys of a stack that others can read are not used', () => {
  expect(() => find(checkout(dev, 0o644))).toThrow(expect.objectContaining({ code: 'config_not_private' }) as Error);
});
