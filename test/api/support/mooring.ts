import { join } from 'node:path';
import { execa, type Options } from 'execa';

const root = join(import.meta.dirname, '../../..');
const flags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];

/**
 * Starts the `mooring` program as a process of its own, with a pipe for its output. `env` is its whole environment, but
 * for where programs are found.
 */
export const mooring = (args: readonly string[], env: Readonly<Record<string, string>>, input?: string) =>
  execa(process.execPath, [...flags, join(root, 'cli/main.ts'), ...args], {
    extendEnv: false,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    reject: false,
    stripFinalNewline: false,
    timeout: 60_000,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  } satisfies Options);
