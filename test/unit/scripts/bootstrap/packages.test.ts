import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ensurePackages, isInstalled, stampOf } from '../../../../scripts/bootstrap/packages.mjs';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const lock = {
  packages: {
    '': { name: 'mooring', version: '1.0.0' },
    'node_modules/fastify': { version: '5.0.0', integrity: 'sha512-a' },
    'node_modules/node-darwin': { version: '22.0.0', integrity: 'sha512-b', optional: true },
  },
};
const installed = { packages: { 'node_modules/fastify': { version: '5.0.0', integrity: 'sha512-a' } } };

function checkout() {
  const root = temporaryFolder();
  const write = (path: string, value: unknown) => {
    mkdirSync(join(root, 'node_modules'), { recursive: true });
    writeFileSync(join(root, path), JSON.stringify(value));
  };
  write('package-lock.json', lock);
  rmSync(join(root, 'node_modules'), { recursive: true });
  const said: string[] = [];
  let installs = 0;
  const install = async () => {
    installs++;
    write('node_modules/.package-lock.json', installed);
  };
  return {
    root,
    write,
    said,
    installs: () => installs,
    ensure: async () => await ensurePackages({ root, log: (line: string) => said.push(line), install }),
  };
}

test('the packages of a fresh clone are installed once, and not again', async () => {
  const { ensure, installs, said } = checkout();

  await ensure();
  await ensure();

  expect(installs()).toBe(1);
  expect(said).toEqual(['Packages are not installed yet: npm ci, usually about a minute.']);
});

test('packages are installed again after a change of the lock file', async () => {
  const { ensure, installs, write, said } = checkout();
  await ensure();
  write('package-lock.json', { packages: { ...lock.packages, 'node_modules/pino': { version: '10.0.0' } } });

  await ensure();

  expect(installs()).toBe(2);
  expect(said.at(-1)).toContain('out of date');
});

test('packages that were already installed by npm are accepted and stamped', async () => {
  const { ensure, installs, write, root } = checkout();
  write('node_modules/.package-lock.json', installed);

  await ensure();

  expect(installs()).toBe(0);
  expect(readFileSync(join(root, 'node_modules/.mooring-stamp'), 'utf8')).toBe(stampOf(JSON.stringify(lock)));
});

test('an installation that was interrupted is repeated', async () => {
  const { ensure, installs, write } = checkout();
  write('node_modules/fastify.json', {});

  await ensure();

  expect(installs()).toBe(1);
});

test.each([
  ['another version', { version: '5.0.1', integrity: 'sha512-a' }],
  ['other content', { version: '5.0.0', integrity: 'sha512-c' }],
])('%s of a package does not match the lock file', (_, fastify) => {
  expect(isInstalled(lock, { packages: { 'node_modules/fastify': fastify } })).toBe(false);
});

test('only an optional package may be missing', () => {
  expect(isInstalled(lock, installed)).toBe(true);
  expect(isInstalled(lock, { packages: {} })).toBe(false);
});

test('the stamp of node_modules differs between platforms', () => {
  expect(stampOf('{}', { platform: 'linux', arch: 'x64' })).not.toBe(
    stampOf('{}', { platform: 'linux', arch: 'arm64' }),
  );
});
