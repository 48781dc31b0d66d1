import { existsSync, readFileSync } from 'node:fs';

/** Waits for a real condition; fails with its description after ten seconds. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Not within ten seconds: ${what}.`);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    setTimeout(() => resolve(undefined), 20);
    await promise;
  }
}

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
