import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessPlan } from '../../../../scripts/dev/supervise.ts';

/** What the stand-ins of one test wrote, in order. */
export function createJournal(path: string) {
  const lines = (): string[] => (existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []);
  return {
    path,
    lines,
    pids: (name: string): number[] =>
      lines().flatMap((line) => (line.startsWith(`${name} started `) ? [Number(line.split(' ')[2])] : [])),
  };
}

export type Journal = ReturnType<typeof createJournal>;

/** A plan for `stand-in.ts`; the folder is named in the command line, as the real plans name theirs. */
export function standInPlan(
  name: string,
  journal: Journal,
  { port = 0, environment = {} }: { port?: number; environment?: Record<string, string> } = {},
): ProcessPlan {
  return {
    name,
    command: process.execPath,
    args: [
      '--experimental-strip-types',
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'stand-in.ts'),
      name,
      String(port),
      journal.path,
    ],
    cwd: import.meta.dirname,
    environment: { PATH: process.env['PATH'] ?? '', ...environment },
  };
}
