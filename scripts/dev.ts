import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { whenOrphaned } from './bootstrap/orphaned.mjs';
import { banner } from './dev/banner.ts';
import type { StackPlan } from './dev/plan.ts';
import { createDevelopmentStack } from './dev/stack.ts';
import { StackError } from './dev/state-directory.ts';

/** What `npm start` runs: the whole of Mooring on this machine, until Ctrl-C. */
const root = join(import.meta.dirname, '..');
for (const name of ['.env', '.env.shared', '.env.worker']) {
  if (existsSync(join(root, name))) process.loadEnvFile(join(root, name));
}

/** npm and the terminal may both deliver the same Ctrl-C. */
const SAME_SIGNAL_MS = 1_000;

const say = (line: string): void => console.log(line);
let plan: StackPlan | undefined;
const stack = createDevelopmentStack({
  stateDirectory: process.env['MOORING_STATE_DIR'] || join(root, '.mooring'),
  say,
  planned: (made) => {
    plan = made;
    say('Starting Mooring: Temporal, sandbox, worker and API, usually 10 seconds.');
  },
});

let stoppingSince: number | undefined;

function stop(exitCode: number, lastWords: string): void {
  if (stoppingSince === undefined) {
    stoppingSince = Date.now();
    void stack.stop().then(() => end(exitCode, lastWords));
  } else if (Date.now() - stoppingSince > SAME_SIGNAL_MS) {
    say('Ending everything at once.');
    void stack.stopNow().then(() => end(exitCode || 130, lastWords));
  }
}

function end(exitCode: number, lastWords: string): never {
  if (lastWords !== '') say(lastWords);
  process.exit(exitCode);
}

function stopAsAsked(): void {
  if (stoppingSince === undefined) {
    say('Stopping: worker and API finish what they are doing, 65 s at most. Ctrl-C again ends everything at once.');
  }
  stop(0, 'Stopped.');
}

function fail(error: unknown): void {
  if (stoppingSince !== undefined) return;
  console.error(error instanceof StackError ? error.message : error);
  stop(1, '');
}

// If the terminal is gone, output fails; an orderly stop is more important.
process.stdout.on('error', () => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopAsAsked);
whenOrphaned(stopAsAsked);

try {
  await stack.start();
  say(banner(stack.info(), plan?.standIns ?? [], process.env['PUBLIC_URL']));
  stack.failed.addEventListener('abort', () => fail(stack.failed.reason));
} catch (error) {
  fail(error);
}
