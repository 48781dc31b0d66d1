import { execa } from 'execa';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');

/** Starts its own run, since the last lines on the terminal and the exit code are what is tested. */
async function runFixtures(names: readonly string[], environment: Record<string, string> = {}) {
  const result = await execa(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      'test/unit/support/fixtures/vitest.config.ts',
      ...names,
    ],
    { cwd: root, reject: false, all: true, env: { CI: '', VITEST: undefined, NO_COLOR: '1', ...environment } },
  );
  return { exitCode: result.exitCode, lines: result.all.trim().split('\n') };
}

test('a run ends with the names of the skipped suites and the counts', async () => {
  const { exitCode, lines } = await runFixtures(['passing', 'skipped']);

  expect(lines).toEqual([
    'Skipped: skipped.fixture.ts > the store on Vault (2 tests)',
    '2 passed, 0 failed, 2 skipped',
  ]);
  expect(exitCode).toBe(0);
});

test('a skipped suite fails the run in CI', async () => {
  const { exitCode, lines } = await runFixtures(['skipped'], { CI: 'true' });

  expect(lines.at(-1)).toBe('1 passed, 0 failed, 2 skipped');
  expect(lines.at(-2)).toMatch(/^With CI=true a skipped test fails the run/);
  expect(exitCode).toBe(1);
});

test('a suite whose set-up fails is a failure, not a skip', async () => {
  const { exitCode, lines } = await runFixtures(['passing', 'broken-hook']);

  expect(lines).toEqual(['1 passed, 1 failed, 1 skipped']);
  expect(exitCode).toBe(1);
});

test('tests that a name filter excludes are not reported as skipped', async () => {
  const { exitCode, lines } = await runFixtures(['skipped', '-t', 'runs'], { CI: 'true' });

  expect(lines.filter((line) => line.startsWith('Skipped'))).toEqual([]);
  expect(exitCode).toBe(0);
});

test('a test that sends a request to another machine fails, although it swallows the error', async () => {
  const { exitCode, lines } = await runFixtures(['egress']);

  expect(lines.at(-1)).toBe('1 passed, 3 failed');
  expect(exitCode).toBe(1);
});
