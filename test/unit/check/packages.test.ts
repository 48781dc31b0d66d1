import { expect, test } from 'vitest';
import { packages } from '../../../scripts/check/packages.ts';
import { repositoryOf } from './plant.ts';

const check = async (manifest: object, lock: object): Promise<readonly string[]> =>
  (
    await packages.run(
      repositoryOf({
        'package.json': JSON.stringify(manifest),
        'package-lock.json': JSON.stringify({ packages: lock }),
      }),
    )
  ).problems;

test('a version range is refused, in each kind of dependency', async () => {
  const manifest = {
    dependencies: { a: '^1.0.0', exact: '1.2.3' },
    devDependencies: { b: '~1.0.0', next: '1.0.0-rc.1' },
    optionalDependencies: { c: 'latest' },
  };
  expect(await check(manifest, {})).toEqual([
    'package.json: a is "^1.0.0"; give the exact version',
    'package.json: b is "~1.0.0"; give the exact version',
    'package.json: c is "latest"; give the exact version',
  ]);
});

test('a lock file that names the registry it was made with is refused', async () => {
  const lock = { '': {}, 'node_modules/a': { version: '1.0.0', resolved: 'https://example.com/a.tgz' } };
  expect(await check({}, lock)).toEqual([
    expect.stringContaining('package-lock.json: node_modules/a names a registry'),
  ]);
});
