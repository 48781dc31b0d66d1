import { expect, test } from 'vitest';
import { productionPackages } from '../../../../scripts/dependencies/production-packages.ts';

const lock = (packages: object): string => JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages } });

test('what production installs is what no development dependency alone needs, each version once', () => {
  const packages = productionPackages(
    lock({
      'node_modules/b': { version: '2.0.0', license: 'MIT' },
      'node_modules/a': { version: '1.0.0', license: 'ISC' },
      'node_modules/a/node_modules/b': { version: '2.0.0', license: 'MIT', dev: true },
      'node_modules/c/node_modules/b': { version: '1.0.0', license: 'MIT', optional: true },
      'node_modules/d': { version: '1.0.0', license: 'GPL-3.0-only', dev: true },
      'node_modules/e': { version: '1.0.0', devOptional: true },
      'packages/own': { version: '1.0.0', link: true },
    }),
  );
  expect(packages.map(({ name, version }) => `${name}@${version}`)).toEqual([
    'a@1.0.0',
    'b@1.0.0',
    'b@2.0.0',
    'e@1.0.0',
  ]);
});

test('a package behind an alias and one with a scope keep their own names', () => {
  const packages = productionPackages(
    lock({
      'node_modules/alias': { name: '@scope/real', version: '1.0.0', license: 'MIT' },
      'node_modules/x/node_modules/@scope/inner': { version: '1.0.0', license: 'MIT' },
    }),
  );
  expect(packages.map(({ name }) => name)).toEqual(['@scope/inner', '@scope/real']);
});

test('a list of licences from before SPDX is a choice, and anything else that is no text is none', () => {
  const both = [{ type: 'Public Domain' }, { type: 'MIT' }];
  const packages = productionPackages(
    lock({
      'node_modules/a': { version: '1.0.0', license: both },
      'node_modules/b': { version: '1.0.0', license: { file: 'LICENSE' } },
      'node_modules/c': { version: '1.0.0', license: ' ' },
      'node_modules/d': { version: '1.0.0' },
    }),
  );
  expect(packages.map(({ licence }) => licence)).toEqual(['Public Domain OR MIT', null, null, null]);
});

test('a lock file of a version without packages is refused', () => {
  expect(() => productionPackages(JSON.stringify({ lockfileVersion: 1, dependencies: {} }))).toThrow(
    'is not a lock file',
  );
});
