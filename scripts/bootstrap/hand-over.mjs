import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';

import { whenOrphaned } from './orphaned.mjs';

/**
 * Runs the real thing in the place of this process: same terminal, signals passed on, and its exit code is ours.
 *
 * @param {{ root: string, node: string, args: string[], environment?: NodeJS.ProcessEnv }} command
 */
export function handOver({ root, node, args, environment = process.env }) {
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
