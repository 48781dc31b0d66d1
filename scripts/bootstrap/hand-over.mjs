import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';

import { whenOrphaned } from './orphaned.mjs';

/**
 * Runs the real thing in the place of this process: same terminal, signals passed on, and its exit code is ours.
 * `withPrograms`: it finds the programs of the packages first.
 *
 * @param {{ root: string, node: string, args: string[], cwd?: string, withPrograms?: boolean, environment?: NodeJS.ProcessEnv }} command
 */
export function handOver({ root, node, args, cwd = root, withPrograms = true, environment = process.env }) {
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${environment.PATH ?? ''}`;
  const env = withPrograms ? { ...environment, PATH: path } : environment;
  const child = spawn(node, args, { cwd, stdio: 'inherit', env });
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
