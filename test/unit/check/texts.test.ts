import { describe, expect, test } from 'vitest';
import { fileSizes, foreignTraces, packages, percentile, unfinished } from '../../../scripts/check/texts.ts';
import { repositoryOf } from './plant.ts';

/** A dot splits each example, because the checks would otherwise report this file. */
const whole = (text: string): string => text.replaceAll('·', '');

const lines = (count: number): string => 'x\n'.repeat(count);

describe('file sizes', () => {
  test('a file of 301 lines is refused, a file of 300 lines is not', async () => {
    const { problems } = await fileSizes.run(
      repositoryOf({ 'api/a.ts': lines(300), 'api/b.ts': lines(301), 'api/c.ts': '', 'api/d.ts': '' }),
    );
    expect(problems).toContain('api/b.ts: has 301 lines; split it, the limit is 300');
    expect(problems.join()).not.toContain('api/a.ts');
  });

  test('a median or 95th percentile above its limit is refused although no file is too long', async () => {
    const { problems, note } = await fileSizes.run(
      repositoryOf({ 'api/a.ts': lines(81), 'api/b.ts': lines(82), 'api/c.ts': lines(260) }),
    );
    expect(problems).toEqual([expect.stringContaining('82 lines'), expect.stringContaining('260 lines')]);
    expect(note).toBe('3 files, median 82 lines, 95th percentile 260');
  });

  test('tests and recorded data do not count towards the median', async () => {
    const { note } = await fileSizes.run(
      repositoryOf({ 'api/a.ts': lines(10), 'test/unit/a.test.ts': lines(200), 'test/data/runs.ts': lines(5000) }),
    );
    expect(note).toBe('1 files, median 10 lines, 95th percentile 10');
  });

  test('a percentile is the smallest value that at least this share of the values does not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(hundred, 0.5), percentile(hundred, 0.95), percentile([7], 0.95), percentile([], 0.5)]).toEqual([
      50, 95, 7, 0,
    ]);
  });
});

describe('foreign traces', () => {
  test.for([
    ['a home folder', '/ho·me/sam/mooring'],
    ['a work folder', 'cd /wo·rk/main'],
    ['the root user’s folder', 'COPY x /ro·ot/.npm'],
    ['a registry host', 'https://registry.np·mjs.org'],
  ] as const)('%s is reported as a foreign trace in any file', async ([, line]) => {
    const { problems } = await foreignTraces.run(repositoryOf({ 'docs/a.md': `\n${whole(line)}\n` }));
    expect(problems).toEqual([expect.stringMatching(/^docs\/a\.md:2: has /)]);
  });

  test('paths inside the repository or an image are not foreign traces', async () => {
    const { problems } = await foreignTraces.run(
      repositoryOf({ Dockerfile: 'WORKDIR /app/work/\n', 'docs/a.md': 'see ./home/index.html and docs/work/a.md' }),
    );
    expect(problems).toEqual([]);
  });
});

describe('unfinished work', () => {
  test.for(['// TO·DO: later', 'it.on·ly("x")', 'describe.sk·ip("x")', "Error('not imple·mented')", 'expect(tr·ue)'])(
    'unfinished work is found: %s',
    async (line) => {
      const { problems } = await unfinished.run(repositoryOf({ 'test/unit/a.test.ts': `${whole(line)}\n` }));
      expect(problems).toEqual([expect.stringMatching(/^test\/unit\/a\.test\.ts:1: /)]);
    },
  );

  test('a focused test in a fixture is not unfinished work', async () => {
    const { problems } = await unfinished.run(
      repositoryOf({ 'test/unit/fixtures/a.fixture.ts': whole('it.on·ly("x")') }),
    );
    expect(problems).toEqual([]);
  });

  test('a suite that is skipped because its component is missing is not unfinished work', async () => {
    const { problems } = await unfinished.run(
      repositoryOf({ 'test/contract/a.test.ts': 'describe.skipIf(components.vault === null)("x", () => {});\n' }),
    );
    expect(problems).toEqual([]);
  });
});

describe('packages', () => {
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
});
