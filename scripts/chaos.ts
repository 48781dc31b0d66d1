import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFigures } from '../test/chaos/run/figures.ts';
import { readCommand, usage, UsageError } from '../test/chaos/run/options.ts';
import { planChaos, planLines } from '../test/chaos/run/plan.ts';
import { outcomeText } from '../test/chaos/run/report.ts';
import { runChaos } from '../test/chaos/run/run-chaos.ts';
import { findPrograms } from '../test/chaos/run/stack/programs.ts';

/** `npm run chaos -- --minutes 30 --seed N`: docs/reliability.md. Ends with 1 where something did not hold. */
async function main(): Promise<number> {
  const dist = join(import.meta.dirname, '../dist');
  const { options, json, report, planOnly, keep, help } = readCommand(
    process.argv.slice(2),
    existsSync(dist) ? dist : null,
  );
  if (help) {
    console.log(usage);
    return 0;
  }
  const plan = planLines(planChaos(options));
  console.log(plan.join('\n'));
  if (planOnly) return 0;
  const found = await findPrograms();
  if ('missing' in found) {
    throw new UsageError(`Missing: ${found.missing.join(', ')}. Get them with: node scripts/install-components.mjs`);
  }
  console.log(options.build === null ? 'Runs the sources.' : `Runs the build in ${options.build}.`);
  const folder = await mkdtemp(join(tmpdir(), 'mooring-chaos-run-'));
  const outcome = await runChaos(options, {
    programs: found.programs,
    folder,
    say: (line) => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`),
  });
  console.log(outcomeText(outcome));
  if (json !== null) await writeFile(json, `${JSON.stringify(outcome, null, 2)}\n`);
  if (report !== null) await writeFigures(report, outcome);
  if (outcome.violations.length === 0) {
    if (!keep) await rm(folder, { recursive: true, force: true });
    return 0;
  }
  console.log(`The plan of seed ${options.seed} was:\n${plan.join('\n')}\nLogs and data are kept in ${folder}.`);
  return 1;
}

// The processes of a run are killed when this process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 2;
}
