import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { components } from '../../scripts/components/index.mjs';
import { anyFreePort } from '../../scripts/dev/ports.ts';
import { temporalServerArguments } from '../../scripts/dev/temporal-server.ts';
import { parseOptions } from '../support/options.ts';
import { serves, startProcess } from '../support/process.ts';
import type { Scenario } from '../support/scenario.ts';
import { hasNamespaces } from '../support/stack.ts';
import { ratio, spread } from '../support/statistics.ts';
import { basics } from '../support/vault.ts';

const defaults = { rounds: 3 };
const root = join(import.meta.dirname, '../..');

/** `npm start` until the API is ready: in an empty state directory, and again in the same one. */
export const cold: Scenario = {
  title: 'npm start',
  defaults,
  async run(args, say) {
    const options = parseOptions(args, defaults);
    // Not part of what is measured: it is got once.
    const temporal = await components.temporal.ensure({ log: say as () => void });
    const times = { temporal: [] as number[], first: [] as number[], second: [] as number[] };
    for (let round = 1; round <= options.rounds; round++) {
      say(`Round ${round} of ${options.rounds}.`);
      const folder = await mkdtemp(join(tmpdir(), 'mooring-bench-'));
      try {
        times.temporal.push(await startTemporalAlone(temporal, folder));
        times.first.push(await startEverything(folder));
        times.second.push(await startEverything(folder));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
    const row = (name: string, seconds: readonly number[]) => {
      const { min, median, max } = spread(seconds);
      return [name, min, median, max];
    };
    const { median: alone } = spread(times.temporal);
    const { median: first } = spread(times.first);
    const { median: second } = spread(times.second);
    const findings = {
      tables: [
        {
          title: 'Seconds until it serves, packages and programs being there',
          columns: ['', 'min s', 'median s', 'max s'],
          rows: [
            row("Temporal's development server alone", times.temporal),
            row('npm start, empty state directory', times.first),
            row('npm start again, same directory', times.second),
          ],
        },
      ],
      verdicts: [
        { what: 'npm start, empty ÷ Temporal alone', value: ratio(first, alone) },
        { what: 'npm start, again ÷ empty', value: ratio(second, first) },
      ],
      notes: [],
    };
    return { options, programs: { temporal }, findings };
  },
};

async function startTemporalAlone(program: string, folder: string): Promise<number> {
  const port = await anyFreePort();
  const databaseFile = join(folder, 'alone.db');
  return await timed({
    name: 'temporal',
    command: program,
    args: temporalServerArguments({ port, ui: null, databaseFile, namespace: 'default' }),
    environment: basics(),
    logFile: join(folder, 'alone.log'),
    isReady: async () => await hasNamespaces(`127.0.0.1:${port}`, ['default']),
  });
}

async function startEverything(folder: string): Promise<number> {
  const port = await anyFreePort();
  return await timed({
    name: 'npm start',
    command: process.execPath,
    args: [join(root, 'scripts/bootstrap.mjs'), 'start'],
    environment: { ...basics(), PORT: String(port), MOORING_STATE_DIR: join(folder, 'state') },
    logFile: join(folder, 'start.log'),
    isReady: async () => await serves(`http://localhost:${port}/readyz`),
  });
}

/** Seconds until it is ready. It is stopped afterwards. */
async function timed(plan: Parameters<typeof startProcess>[0]): Promise<number> {
  const startedAt = performance.now();
  const started = await startProcess(plan);
  const seconds = (performance.now() - startedAt) / 1000;
  await started.stop();
  return seconds;
}
