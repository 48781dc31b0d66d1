import { readdirSync, readFileSync } from 'node:fs';
import type { Trace } from '../support/world.ts';

const EVERY_MS = 50;

/**
 * Looks at the argument lists of all processes of the machine, and at the environments of what these processes
 * start, again and again: a command-line tool lives for less than a second. Linux only; elsewhere it sees nothing.
 */
export function watchProcesses(parents: () => readonly number[]): { traces(): Trace[]; stop(): void } {
  const seen = new Map<string, Trace>();
  const keep = (trace: Trace): void => void seen.set(`${trace.place} ${trace.bytes.toString('latin1')}`, trace);
  const look = (): void => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const bytes = read(`/proc/${pid}/cmdline`);
      if (bytes) keep({ place: `arguments of ${programOf(bytes)}`, bytes });
    }
    for (const parent of parents()) {
      for (const child of childrenOf(parent)) {
        // Between fork and exec a child shows its parent's environment as its own. Arguments first: once they are
        // its own, so is the environment.
        const own = read(`/proc/${child}/cmdline`);
        const forked = own === undefined || read(`/proc/${parent}/cmdline`)?.equals(own);
        const bytes = forked ? undefined : read(`/proc/${child}/environ`);
        // A tool that acts for the customer is given the access token, and nothing that outlives it; or the keys that
        // each call is signed with, where that is the only way in.
        const may = ['accessToken', 'applicationSecret', 'consumerKey'];
        if (bytes && own) keep({ place: `environment of ${programOf(own)}`, bytes, may });
      }
    }
  };
  const timer = process.platform === 'linux' ? setInterval(look, EVERY_MS) : undefined;
  return {
    traces() {
      if (timer) look();
      return [...seen.values()];
    },
    stop: () => clearInterval(timer),
  };
}

const childrenOf = (pid: number): string[] =>
  read(`/proc/${pid}/task/${pid}/children`)?.toString().trim().split(' ').filter(Boolean) ?? [];

const programOf = (commandLine: Buffer): string => commandLine.toString().split('\0')[0] ?? '';

/** Undefined for a process that has ended meanwhile, or belongs to somebody else. */
function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
