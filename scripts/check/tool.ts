import { delimiter, join } from 'node:path';
import { execa } from 'execa';

/** Node's own module path, so that a tool is found when the checked tree is another one (tests plant some). */
const binaries = join(import.meta.dirname, '../../node_modules/.bin');

export interface ToolRun {
  readonly ok: boolean;
  readonly stdout: string;
  /** Both streams, as a person would have seen them. */
  readonly output: string;
}

/** Runs one of the project's development tools in a folder; never throws for its exit code. */
export async function runTool(name: string, args: readonly string[], cwd: string): Promise<ToolRun> {
  const result = await execa(join(binaries, name), args, {
    cwd,
    reject: false,
    all: true,
    stdin: 'ignore',
    maxBuffer: 64 * 1024 * 1024,
    env: {
      // The tools' `#!/usr/bin/env node` must find the locked Node, not an older one of the system.
      PATH: `${binaries}${delimiter}${process.env['PATH'] ?? ''}`,
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      REDOCLY_TELEMETRY: 'off',
      REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
    },
  });
  if (result.exitCode === undefined)
    throw new Error(`${name} could not be run: ${result.shortMessage}`, { cause: result });
  return { ok: result.exitCode === 0, stdout: result.stdout, output: result.all };
}

/** A failed tool's output, line by line; never empty, so that a tool that fails in silence is not taken for a success. */
export function complaints({ ok, output }: ToolRun): string[] {
  if (ok) return [];
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 ? lines : ['the tool failed and said nothing'];
}
