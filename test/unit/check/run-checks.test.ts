import { describe, expect, test } from 'vitest';
import type { Check } from '../../../scripts/check/check.ts';
import { generatedCheck } from '../../../scripts/check/checks.ts';
import { runChecks } from '../../../scripts/check/run-checks.ts';
import { repositoryOf } from './plant.ts';

const repository = repositoryOf({});
const options = { concurrency: 2, now: () => 0, report: () => {} };

describe('running the checks', () => {
  test('a check that throws counts as failed, and the other checks still run', async () => {
    const checks: Check[] = [
      { name: 'broken', run: () => Promise.reject(new Error('no such tool')) },
      { name: 'sound', run: () => ({ problems: [] }) },
    ];
    const outcomes = await runChecks(checks, repository, options);
    expect(outcomes.map(({ name, problems }) => [name, problems])).toEqual([
      ['broken', ['the check itself failed: no such tool']],
      ['sound', []],
    ]);
  });

  test('no more checks run at once than allowed, and each is timed and reported', async () => {
    let running = 0;
    let most = 0;
    let clock = 0;
    const check = (name: string): Check => ({
      name,
      async run() {
        running += 1;
        most = Math.max(most, running);
        await Promise.resolve();
        clock += 1000;
        running -= 1;
        return { problems: [] };
      },
    });
    const reported: string[] = [];
    const outcomes = await runChecks(['a', 'b', 'c', 'd', 'e'].map(check), repository, {
      concurrency: 2,
      now: () => clock,
      report: ({ name }) => reported.push(name),
    });
    expect(most).toBe(2);
    expect(reported.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(outcomes.every(({ seconds }) => seconds >= 1)).toBe(true);
  });
});

describe('generated files', () => {
  const check = generatedCheck([
    { generate: async () => await Promise.resolve([{ path: 'docs/a.md', text: 'new\n' }]) },
  ]);

  test.for([
    ['a stale file', { 'docs/a.md': 'old\n' }],
    ['a missing file', {}],
  ] as const)('%s fails the check of generated files, which names the command to run', async ([, files]) => {
    const { problems } = await check.run(repositoryOf(files));
    expect(problems).toEqual(['docs/a.md: is not what the code says; run npm run generate']);
  });

  test('an up-to-date generated file passes the check', async () => {
    expect((await check.run(repositoryOf({ 'docs/a.md': 'new\n' }))).problems).toEqual([]);
  });
});
