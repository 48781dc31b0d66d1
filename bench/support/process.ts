import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { waitFor } from './wait.ts';

export interface ProcessPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** All that the process gets; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where its output goes. */
  readonly logFile: string;
  readonly cwd?: string;
  readonly isReady: () => Promise<boolean>;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** SIGTERM, then SIGKILL after that time. Resolves when it is gone. */
  stop(withinMs?: number): Promise<void>;
}

const READY_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 70_000;
const TAIL_CHARACTERS = 3_000;

/** Starts a process and waits until it serves. One that ends instead is an error with its last words. */
export async function startProcess(plan: ProcessPlan): Promise<RunningProcess> {
  const { name, command, args, environment, logFile, cwd } = plan;
  const child = spawn(command, args, {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = once(child, 'close').catch(() => {});
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  void ended.then(() => {
    process.off('exit', killWithUs);
    log.end();
  });

  const stop = async (withinMs = STOP_WITHIN_MS): Promise<void> => {
    if (hasEnded()) return;
    const killer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(killer);
  };

  try {
    await waitFor(`${name} to be ready`, async () => hasEnded() || (await plan.isReady()), READY_WITHIN_MS);
    if (hasEnded()) throw new Error(`${name} ended at once.`);
  } catch (error) {
    await stop(0);
    const tail = (await readFile(logFile, 'utf8').catch(() => '')).slice(-TAIL_CHARACTERS).trim();
    throw new Error(`${name} did not start: ${tail}`, { cause: error });
  }
  return { name, pid: child.pid ?? 0, stop };
}

/** Whether the address answers 2xx. */
export async function serves(address: string): Promise<boolean> {
  try {
    return (await fetch(address, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
