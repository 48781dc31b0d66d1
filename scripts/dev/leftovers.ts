import { setTimeout as delay } from 'node:timers/promises';
import { commandLine, isAlive } from './process-table.ts';
import type { StateDirectory } from './state-directory.ts';

const FILE = 'processes.json';
const END_WITHIN_MS = 15_000;

/** Writes down who was started, at once after each start: who finds the file after a kill -9 can end them. */
export function recordProcesses(directory: StateDirectory, pids: Readonly<Record<string, number | null>>): void {
  directory.write(FILE, `${JSON.stringify(pids)}\n`);
}

/**
 * Ends what a killed stack left running in this directory. Two Temporal servers on one database would ruin it, so
 * this comes before any start. A process is ours only if its command line names our state directory: a pid alone
 * may be somebody else's by now.
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
