import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openInBrowser, runChild } from './child.ts';
import { configPath, openConfigFile } from './config/file.ts';
import { findLocalStack } from './config/local-stack.ts';
import { exitCodes } from './exit-codes.ts';
import { runProgram } from './program.ts';
import { createTerminal } from './terminal.ts';

/** The `mooring` program. From a checkout it also finds the stack that `npm start` runs there. */
const isCheckout = import.meta.filename.endsWith('.ts');
const root = isCheckout ? join(import.meta.dirname, '..') : join(import.meta.dirname, '../..');

// The reader of a pipe may leave before the end, e.g. `head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok.code);
  throw error;
});

const cancelled = new AbortController();
const cancel = (): void => cancelled.abort();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, cancel);

process.exitCode = await runProgram(process.argv.slice(2), {
  environment: process.env,
  terminal: createTerminal(process, cancelled.signal),
  config: openConfigFile(configPath(process.env)),
  localStack: (name) => (isCheckout ? findLocalStack({ root, environment: process.env, isRunning }, name) : undefined),
  signal: cancelled.signal,
  version: versionOf(join(root, 'package.json')),
  runChild,
  openInBrowser,
});

function versionOf(path: string): string {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version : 'unknown';
}

/** Signal 0 only asks whether the process is there. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
