import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { anyFreePort } from '../../../scripts/dev/ports.ts';
import type { ProcessPlan } from '../../../scripts/dev/supervise.ts';
import { eventually } from '../../support/eventually.ts';

const POLLS_WITHIN_MS = 60_000;

export interface WorkerProcess {
  readonly pid: number;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** A worker that nobody starts again, beside others or alone; resolves when it polls. */
export async function startWorker({ command, args, cwd, environment }: ProcessPlan): Promise<WorkerProcess> {
  const port = await anyFreePort();
  const child = spawn(command, args, { cwd, env: { ...environment, METRICS_PORT: String(port) }, stdio: 'ignore' });
  const exited = once(child, 'exit');
  const polls = async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  await eventually('the worker to poll', polls, POLLS_WITHIN_MS);
  return {
    pid: child.pid ?? 0,
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
