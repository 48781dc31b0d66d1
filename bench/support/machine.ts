import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';

/** What a figure was measured on. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  /** By program. */
  readonly versions: Readonly<Record<string, string>>;
}

/** `programs` are paths; null = not used. */
export async function describeMachine(programs: Readonly<Record<string, string | null>>): Promise<Machine> {
  const versions: Record<string, string> = { node: process.version.slice(1) };
  for (const [name, path] of Object.entries(programs)) {
    if (path !== null) versions[name] = versionIn(name, (await promisify(execFile)(path, ['--version'])).stdout);
  }
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    versions,
  };
}

const versions: Readonly<Record<string, RegExp>> = {
  // What the CLI brings with it is what counts: the server.
  temporal: /Server ([\d.]+)/,
  vault: /v([\d.]+)/,
  redis: /v=([\d.]+)/,
};

export const versionIn = (program: string, text: string): string => versions[program]?.exec(text)?.[1] ?? text.trim();
