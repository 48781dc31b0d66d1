import { existsSync, readFileSync } from 'node:fs';

/** A process that has ended but was not waited for by its parent is no longer running. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/^\d+ \(.*\) Z/.test(readFileSync(status, 'utf8'));
}

/** What `stubborn.mjs` wrote: its process id, its child's, and its folder. */
export function told(file: string): { readonly pids: readonly number[]; readonly folder: string } | undefined {
  const [pid, child, folder] = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
  return folder === undefined ? undefined : { pids: [Number(pid), Number(child)], folder };
}
