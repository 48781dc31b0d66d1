import { join } from 'node:path';
import { openRepository } from './check/check.ts';
import { checks } from './check/checks.ts';
import { runChecks, type Outcome } from './check/run-checks.ts';

/** `npm run check` keeps every rule of the house; `npm run check -- lint types` keeps those two. */
const names = process.argv.slice(2);
const unknown = names.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(`No check is called ${unknown.join(' or ')}. There are: ${checks.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const startedAt = performance.now();
const outcomes = await runChecks(
  checks.filter(({ name }) => names.length === 0 || names.includes(name)),
  await openRepository(join(import.meta.dirname, '..')),
  { concurrency: 2, now: () => performance.now(), report },
);
const failed = outcomes.filter(({ problems }) => problems.length > 0);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(
  failed.length === 0
    ? `\nAll ${outcomes.length} checks hold, in ${seconds} s.`
    : `\n${failed.length} of ${outcomes.length} checks do not hold: ${failed.map(({ name }) => name).join(', ')} (${seconds} s).`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function report({ name, problems, note, seconds: took }: Outcome): void {
  const mark = problems.length === 0 ? 'ok  ' : 'FAIL';
  console.log(`${mark} ${name.padEnd(16)} ${took.toFixed(1).padStart(5)} s  ${note ?? ''}`.trimEnd());
  for (const problem of problems) console.log(`       ${problem}`);
}
