import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { NODE_FLAGS, selectNode } from './bootstrap/node.mjs';
import { whenOrphaned } from './bootstrap/orphaned.mjs';
import { ensurePackages } from './bootstrap/packages.mjs';
import { ensureTemporal } from './components/temporal.mjs';
import { ensureTimeSkipping } from './components/time-skipping.mjs';

/**
 * What `npm start` and `npm test` run first: no dependencies, and any Node from 18 on, because it is what installs
 * both. Gets what is missing, then hands over to the real thing.
 *
 *   node scripts/bootstrap.mjs start
 *   node scripts/bootstrap.mjs test [vitest arguments]
 *   node scripts/bootstrap.mjs run <file> [arguments]
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const log = (line) => console.error(line);

const commands = {
  async start() {
    if (!process.env.TEMPORAL_ADDRESS) await ensureTemporal({ log });
    return [...NODE_FLAGS, join(root, 'scripts', 'dev.ts')];
  },
  async test(args) {
    await Promise.all([ensureTemporal, ensureTimeSkipping].map(async (ensure) => await ensure({ log }).catch(report)));
    return [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args];
  },
  run([file, ...args]) {
    if (!file) throw new Error('Say which file to run: node scripts/bootstrap.mjs run <file> [arguments].');
    return [...NODE_FLAGS, join(root, file), ...args];
  },
};

/** Tests go on without a component: its suites are skipped, by name. */
const report = (error) => log(error.message);

try {
  const [name = 'start', ...args] = process.argv.slice(2);
  const command = commands[name];
  if (!command) throw new Error(`"${name}" is not a command: use ${Object.keys(commands).join(', ')}.`);
  await ensurePackages({ root, log });
  const node = selectNode({ root });
  handOver({ node, args: await command(args) });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/**
 * Runs the real thing in the place of this process: same terminal, signals passed on, and its exit code is ours.
 *
 * @param {{ node: string, args: string[], environment?: NodeJS.ProcessEnv }} command
 */
function handOver({ node, args, environment = process.env }) {
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${environment.PATH ?? ''}`;
  const child = spawn(node, args, { cwd: root, stdio: 'inherit', env: { ...environment, PATH: path } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal has already sent Ctrl-C to the whole process group; twice would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  if (environment.npm_lifecycle_event) whenOrphaned(() => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(`${node} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}
