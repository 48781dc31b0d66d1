import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { handOver } from './bootstrap/hand-over.mjs';
import { NODE_FLAGS, selectNode } from './bootstrap/node.mjs';
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
  handOver({ root, node, args: await command(args) });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
