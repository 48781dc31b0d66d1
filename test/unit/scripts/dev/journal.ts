import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { ProcessPlan } from '../../../../scripts/dev/supervise.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-unit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

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

/** Polls a real condition; the time is a limit, not a wait. */
export async function eventually<T>(what: string, look: () => T | undefined | false, withinMs = 20_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await delay(20);
  }
}
