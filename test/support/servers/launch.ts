import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface Launch {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Asked again until it answers true, or the deadline passes. */
  readonly ready: () => Promise<boolean>;
}

export interface RunningServer {
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Generous: all of them start at once, on a machine that may be busy. */
const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 5_000;
const TAIL_CHARACTERS = 4_000;

/** Starts a server for a test run and waits until it serves; one that ends or hangs is an error with its last words. */
export async function launch({ name, path, args, env, ready }: Launch): Promise<RunningServer> {
  const child = spawn(path, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let tail = '';
  const collect = (chunk: Buffer): void => void (tail = (tail + chunk.toString()).slice(-TAIL_CHARACTERS));
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = once(child, 'exit').catch(() => {});
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const stop = async (): Promise<void> => {
    process.off('exit', killWithUs);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const stopped = await Promise.race([ended.then(() => true), delay(STOP_WITHIN_MS, false, { ref: false })]);
    if (!stopped) child.kill('SIGKILL');
    await ended;
  };

  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await ready())) {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`${name} ended at once: ${tail.trim()}`);
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`${name} did not serve within ${READY_WITHIN_MS / 1000} s: ${tail.trim()}`);
    }
    await delay(50);
  }
  return { pid: child.pid ?? 0, stop };
}
