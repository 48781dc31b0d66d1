import { expect, test } from 'vitest';
import { licences } from '../../../../scripts/check/licences.ts';
import { isAllowed, licenceProblems } from '../../../../scripts/dependencies/licences.ts';
import { licenceSections } from '../../../../scripts/generate/licences.ts';
import { repositoryOf } from '../../check/plant.ts';

const of = (name: string, licence: string | null) => ({ name, version: '1.0.0', licence });

test('a package whose licence is not allowed, or that names none, is a problem', () => {
  const packages = [of('fine', 'MIT'), of('copyleft', 'AGPL-3.0-only'), of('silent', null), of('own', 'UNLICENSED')];
  expect(licenceProblems(packages, [])).toEqual([
    'copyleft@1.0.0: has the licence "AGPL-3.0-only", which is not allowed',
    'silent@1.0.0: names no licence; look into it, and state what it says',
    'own@1.0.0: has the licence "UNLICENSED", which is not allowed',
  ]);
});

test('a statement about a package that is not installed any more is a problem', () => {
  expect(licenceProblems([of('fine', 'MIT')], ['gone@1.0.0'])).toEqual([
    'gone@1.0.0: is not installed any more; remove its statement',
  ]);
});

test.each([
  ['MIT', true],
  ['(MIT)', true],
  ['MIT OR GPL-3.0-only', true],
  ['(GPL-3.0-only OR LGPL-3.0-only)', false],
  ['Apache-2.0 AND MIT', true],
  ['Apache-2.0 AND GPL-3.0-only', false],
  ['MIT OR Apache-2.0 AND GPL-3.0-only', false],
  ['mit', false],
  ['SEE LICENSE IN LICENSE', false],
  ['', false],
])('the licence "%s" is allowed: %s', (expression, allowed) => {
  expect(isAllowed(expression)).toBe(allowed);
});

test('the check licences reads the lock file alone, and needs no network', async () => {
  const lock = { packages: { 'node_modules/a': { version: '1.0.0', license: 'GPL-3.0-only' } } };
  const { problems } = await licences.run(repositoryOf({ 'package-lock.json': JSON.stringify(lock) }));
  expect(problems).toContain('a@1.0.0: has the licence "GPL-3.0-only", which is not allowed');
});

test('the list of licences has every package under its licence, the most frequent licence first', () => {
  const text = licenceSections([of('a', 'ISC'), of('b', 'MIT'), of('c', 'MIT')]);
  expect(text.split('\n').filter((line) => line !== '')).toEqual([
    '## MIT',
    '- `b` 1.0.0',
    '- `c` 1.0.0',
    '## ISC',
    '- `a` 1.0.0',
  ]);
});
