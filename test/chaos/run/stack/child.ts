import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../../support/eventually.ts';

/** Some of it is waiting for other processes that are being broken at the same moment. */
const READY_WITHIN_MS = 120_000;
const RESTART_AFTER_MS = 300;
/** Above the grace of the product's own processes, which drain for a minute. */
const STOP_WITHIN_MS = 75_000;

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface ChildPlan {
  readonly name: string;
  /** Asked at each start: a release or a key rotation changes the answer. */
  readonly launch: () => Launch;
  readonly logFile: string;
  readonly isReady: () => Promise<boolean>;
  /** After each start, the first included. */
  readonly afterStart?: () => Promise<void>;
}

/** A process that ended though nobody asked it to. */
export interface Crash {
  readonly name: string;
  readonly at: string;
  readonly how: string;
}

/** One process of the stack, started again whenever it dies. */
export interface Child {
  readonly name: string;
  start(): Promise<void>;
  untilReady(): Promise<void>;
  /** SIGKILL; it is started again as after any death. */
  kill(): void;
  freeze(): void;
  thaw(): void;
  /** SIGTERM, and another start once it has gone. */
  restart(): Promise<void>;
  /** SIGTERM, for good. */
  stop(): Promise<void>;
  crashes(): readonly Crash[];
}

export function createChild(plan: ChildPlan): Child {
  const { name } = plan;
  const crashes: Crash[] = [];
  let running: ChildProcess | undefined;
  let expected: 'nothing' | 'kill' | 'stop' = 'nothing';

  const killWithUs = (): void => void running?.kill('SIGKILL');

  function begin(): void {
    const { command, args, environment } = plan.launch();
    const log = openSync(plan.logFile, 'a');
    const child = spawn(command, args, { env: environment, stdio: ['ignore', log, log] });
    closeSync(log);
    running = child;
    expected = 'nothing';
    child.once('error', () => {});
    child.once('close', (code, signal) => {
      if (running === child) running = undefined;
      if (expected === 'stop') return;
      const how = signal ?? `exit code ${code}`;
      if (expected === 'nothing') crashes.push({ name, at: new Date().toISOString(), how });
      setTimeout(() => {
        if (running === undefined && expected !== 'stop') begin();
      }, RESTART_AFTER_MS);
    });
    plan.afterStart?.().catch(() => {});
  }

  async function end(): Promise<void> {
    expected = 'stop';
    const child = running;
    if (!child) return;
    const ended = once(child, 'close');
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const inTime = await Promise.race([ended.then(() => true), delay(STOP_WITHIN_MS, false, { ref: false })]);
    if (!inTime) child.kill('SIGKILL');
    await ended;
  }

  return {
    name,
    crashes: () => crashes,
    async start() {
      process.once('exit', killWithUs);
      begin();
      await this.untilReady();
    },
    async untilReady() {
      await eventually(`${name} to be ready (${plan.logFile})`, plan.isReady, READY_WITHIN_MS);
    },
    kill() {
      expected = 'kill';
      running?.kill('SIGKILL');
    },
    freeze: () => void running?.kill('SIGSTOP'),
    thaw: () => void running?.kill('SIGCONT'),
    async restart() {
      await end();
      begin();
    },
    async stop() {
      await end();
      process.off('exit', killWithUs);
    },
  };
}

/** True where the address answers with a status that `fits`; by default any 2xx. */
export async function answersAt(
  address: string,
  fits: (status: number) => boolean = (status) => status < 300,
): Promise<boolean> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return fits(response.status);
  } catch {
    return false;
  }
}
