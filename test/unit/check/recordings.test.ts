import { describe, expect, test } from 'vitest';
import { digestOf, digestsPath, isReleased, recordings } from '../../../scripts/check/recordings.ts';
import { plant } from './plant.ts';

const history = 'test/replay/histories/1.2.0/expired.json.gz';
const state = 'test/replay/states/1.2.0/active.json';
const files = { [history]: 'a history', [state]: '{"state": 1}' };
const listed = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, digestOf(Buffer.from(text))]));
const unreleased = '# Changelog\n\n## [Unreleased]\n\n### Added\n';
const released = `${unreleased}\n## [1.2.0] - 2026-12-01\n`;

async function problemsOf(changes: Readonly<Record<string, string | null>>, more: { changelog?: string } = {}) {
  const all: Record<string, string | null> = {
    'CHANGELOG.md': more.changelog ?? released,
    'package.json': '{"version": "1.2.0"}',
    [digestsPath]: JSON.stringify(listed),
    ...files,
    ...changes,
  };
  const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
  await using repository = plant(Object.fromEntries(present), { ours: [] });
  return (await recordings.run(repository)).problems;
}

describe('recordings', () => {
  test('unchanged recordings are no problem', async () => {
    expect(await problemsOf({})).toEqual([]);
  });

  test.for([history, state])(
    'a changed %s is found, and must be restored because its version is released',
    async (path) => {
      expect(await problemsOf({ [path]: 'changed' })).toEqual([
        `${path}: has changed since it was recorded; its version is released: bring it back as it was`,
      ]);
    },
  );

  test('a changed recording of an unreleased version may be recorded again with the command', async () => {
    expect(await problemsOf({ [state]: 'changed' }, { changelog: unreleased })).toEqual([
      `${state}: has changed since it was recorded; record it again with npm run record-histories`,
    ]);
  });

  test.for([history, state])('a deleted %s is found', async (path) => {
    expect(await problemsOf({ [path]: null })).toEqual([expect.stringMatching(`^${path}: was recorded and is gone`)]);
  });

  test('a file that is not listed as a recording is found', async () => {
    const path = 'test/replay/histories/1.2.0/by-hand.json.gz';
    expect(await problemsOf({ [path]: 'x' })).toEqual([expect.stringMatching(`^${path}: is not listed`)]);
  });

  test('a version without recordings is found: the current one and each released one', async () => {
    const changelog = `${released}\n## [1.1.0] - 2026-11-01\n`;
    expect(await problemsOf({ 'package.json': '{"version": "1.3.0"}' }, { changelog })).toEqual([
      `${digestsPath}: has no recordings of version 1.1.0; run npm run record-histories`,
      `${digestsPath}: has no recordings of version 1.3.0; run npm run record-histories`,
    ]);
  });

  test('a version is released once the changelog has a heading for it', () => {
    expect(isReleased(released, '1.2.0')).toBe(true);
    expect(isReleased(unreleased, '1.2.0')).toBe(false);
    expect(isReleased(released, '1.2')).toBe(false);
  });
});
