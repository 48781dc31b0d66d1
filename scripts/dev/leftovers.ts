import { setTimeout as delay } from 'node:timers/promises';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { StateDirectory } from './state-directory.ts';

const FILE = 'processes.json';
const END_WITHIN_MS = 15_000;

/** Records the processes right after each start, so that the next start can end them after a kill -9. */
export function recordProcesses(directory: StateDirectory, pids: Readonly<Record<string, number | null>>): void {
  directory.write(FILE, `${JSON.stringify(pids)}\n`);
}

/**
 * Ends what a killed stack left running in this directory. Two Temporal servers on one database would ruin it, so
 * this comes before any start. A process is ours only if its command line names our state directory: a pid alone
 * may belong to another program by now.
 */
export async function endLeftovers(directory: StateDirectory, say: (line: string) => void): Promise<void> {
  const recorded = JSON.parse(directory.read(FILE) ?? '{}') as Record<string, number | null>;
  const left = Object.entries(recorded).flatMap(([name, pid]) =>
    pid !== null && isAlive(pid) && commandLine(pid).includes(directory.path) ? [{ name, pid }] : [],
  );
  if (left.length === 0) return;
  const names = left.map(({ name, pid }) => `${name} (${pid})`).join(', ');
  say(`An earlier start was killed and left ${names} running: ending them first.`);
  for (const { pid } of left) signal(pid, 'SIGTERM');
  const deadline = Date.now() + END_WITHIN_MS;
  while (left.some(({ pid }) => isAlive(pid))) {
    if (Date.now() > deadline) for (const { pid } of left) signal(pid, 'SIGKILL');
    await delay(50);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended by itself.
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** A process's command line, or '' where there is no such process. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    if (process.platform === 'linux') return '';
    return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
}

/** Ended, but its parent has not collected it; in a container the parent may never do that. */
function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, ''));
  } catch {
    return false;
  }
}
