import { setMaxListeners } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine } from './support/machine.ts';
import { OptionError } from './support/options.ts';
import { commandOf, renderMarkdown, renderText, withSections } from './support/render.ts';
import { readReport, writeReport, type Report } from './support/report.ts';
import { scenarios } from './scenarios/index.ts';

/** `npm run bench -- <name> [options]`, and `npm run bench -- report`, which puts all results into docs/performance.md. */
const documentFile = join(import.meta.dirname, '../docs/performance.md');

// Each process that is started is ended with this one.
setMaxListeners(0, process);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const say = (line: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);

try {
  const [name = '', ...args] = process.argv.slice(2);
  if (name === 'report') await writeDocument();
  else await run(name, args);
} catch (error) {
  console.error(error instanceof OptionError ? error.message : error);
  process.exitCode = 1;
}
// Where something failed, processes may still run: they end with this one.
process.exit();

async function run(name: string, args: readonly string[]): Promise<void> {
  const scenario = scenarios[name];
  if (!scenario) throw new OptionError(`There is no benchmark "${name}". There are: ${usage()}`);
  const startedAt = new Date();
  const { options, programs, findings } = await scenario.run(args, say);
  const report: Report = {
    name,
    title: scenario.title,
    startedAt: startedAt.toISOString(),
    tookSeconds: (Date.now() - startedAt.getTime()) / 1000,
    options,
    machine: await describeMachine({ ...programs }),
    ...findings,
  };
  console.log(`\n${renderText(report)}\n`);
  say(`Written to ${await writeReport(report)}`);
}

function usage(): string {
  const lines = Object.entries(scenarios).map(
    ([name, { defaults }]) => `  ${commandOf({ name, options: { ...defaults } })}`,
  );
  return ['', ...lines, '  npm run bench -- report'].join('\n');
}

async function writeDocument(): Promise<void> {
  const reports = await Promise.all(Object.keys(scenarios).map(async (name) => await readReport(name)));
  const sections = reports.filter((report) => report !== null).map(renderMarkdown);
  await writeFile(documentFile, await withSections(await readFile(documentFile, 'utf8'), sections));
  say(`${sections.length} of ${reports.length} benchmarks have results; docs/performance.md has them now.`);
}
