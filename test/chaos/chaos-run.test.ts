import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCommand } from './run/options.ts';
import { planChaos, planLines } from './run/plan.ts';
import { outcomeText } from './run/report.ts';
import { runChaos } from './run/run-chaos.ts';
import { findPrograms } from './run/stack/programs.ts';

/** A plan with every group of actions in its two minutes of faults. */
const SEED = 229;
/** The run's own three minutes, its start and its end on a machine that is busy, and the replay. */
const WITHIN_MS = 12 * 60_000;

const found = await findPrograms();

describe.skipIf('missing' in found)('three minutes of kills, cuts, seals, operators and deploys', () => {
  it('a run of three minutes of faults violates no invariant', { timeout: WITHIN_MS }, async () => {
    if ('missing' in found) throw new Error(`Missing: ${found.missing.join(', ')}.`);
    const { options } = readCommand(['--minutes', '3', '--seed', String(SEED), '--connections', '12'], null);
    const folder = await mkdtemp(join(tmpdir(), 'mooring-chaos-run-'));
    const said: string[] = [];
    const outcome = await runChaos(options, {
      programs: found.programs,
      folder,
      say: (line) => void said.push(`${new Date().toISOString()}  ${line}`),
    });
    process.stdout.write(outcomeText(outcome));
    const whatHappened = [...planLines(planChaos(options)), ...said, `Logs and data are kept in ${folder}.`];
    expect(outcome.violations, whatHappened.join('\n')).toEqual([]);
    // "spent" has nothing to check where no response was lost; every other invariant was checked.
    const unchecked = outcome.invariants.filter(({ checks }) => checks === 0).map(({ name }) => name);
    expect(unchecked.filter((name) => name !== 'spent')).toEqual([]);
    await rm(folder, { recursive: true, force: true });
  });
});
