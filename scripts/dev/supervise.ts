import { spawn, type ChildProcess } from 'node:child_process';
import { EXIT_CONFIG } from '../../platform/config.ts';
import type { ChildLog } from './child-log.ts';

export interface ProcessPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Reports {
  /** At once after each start, the first included. */
  readonly started: (name: string, pid: number) => void;
  readonly say: (line: string) => void;
  /** Its configuration is wrong: starting again would not help. Called instead of a restart. */
  readonly misconfigured: (name: string, sentences: string) => void;
}

export interface Supervised {
  readonly name: string;
  readonly pid: () => number | null;
  readonly start: () => void;
  /** SIGTERM, and SIGKILL after the time given; resolves when the process is gone. No restart follows. */
  readonly stop: (withinMs: number) => Promise<void>;
  /** For tests that break things: the restart follows as after any death. */
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** One process that is restarted whenever it ends, with growing delays. */
export function supervise(plan: ProcessPlan, log: ChildLog, reports: Reports): Supervised {
  let child: ChildProcess | undefined;
  let restart: NodeJS.Timeout | undefined;
  let stopping = false;
  let deaths = 0;

  const start = (): void => {
    if (stopping) return;
    const startedAt = Date.now();
    // A process group of its own: Ctrl-C reaches the supervisor alone, which stops its children in order.
    const started = spawn(plan.command, plan.args, {
      cwd: plan.cwd,
      env: plan.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    child = started;
    log.attach(started.stdout, started.stderr);
    if (started.pid !== undefined) reports.started(plan.name, started.pid);
    const { pid } = started;
    started.once('error', (error) => ended(`could not be started: ${error.message}`, startedAt));
    started.once('exit', (code, signal) => {
      if (pid !== undefined) killGroup(pid);
      // Its last output may not have arrived yet; 'close' comes after all of it.
      if (code === EXIT_CONFIG && !stopping) {
        stopping = true;
        started.once('close', () => reports.misconfigured(plan.name, log.lastWords()));
      } else if (pid !== undefined) {
        ended(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`, startedAt);
      }
    });
  };

  const ended = (how: string, startedAt: number): void => {
    child = undefined;
    if (stopping) return;
    deaths = deathsInARow(deaths, Date.now() - startedAt);
    const delayMs = restartDelayMs(deaths);
    reports.say(`${plan.name} ${how}; starting it again in ${delayMs / 1000} s.`);
    restart = setTimeout(start, delayMs);
  };

  return {
    name: plan.name,
    pid: () => child?.pid ?? null,
    start,
    async stop(withinMs) {
      stopping = true;
      clearTimeout(restart);
      const running = child;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      await new Promise<void>((resolve) => {
        const killer = setTimeout(() => running.kill('SIGKILL'), withinMs);
        running.once('exit', () => {
          clearTimeout(killer);
          resolve();
        });
        running.kill('SIGTERM');
      });
    },
    kill: (signal) => void child?.kill(signal),
  };
}

/** Ends the children of a dead process too, e.g. a command-line tool that it was running. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // The group has no process left.
  }
}

const FIRST_MS = 250;
const LONGEST_MS = 5_000;
/** After running this long, a process counts as healthy, and its next failure as the first. */
const WELL_AFTER_MS = 30_000;

/** The delay before the restart of a process that ended `deaths` times in a row (from 1). */
export const restartDelayMs = (deaths: number): number => Math.min(FIRST_MS * 2 ** (deaths - 1), LONGEST_MS);

export const deathsInARow = (before: number, livedMs: number): number => (livedMs >= WELL_AFTER_MS ? 1 : before + 1);
