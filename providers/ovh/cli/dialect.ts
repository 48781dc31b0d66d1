import type { Clock } from '../../../platform/clock.ts';
import type { Problem } from '../../../contracts/problem.ts';
import type { Cli, CliResult } from '../../cli/run-cli.ts';
import type { Dialect } from './commands.ts';
import { dialectUnknown, missing, notConfigured } from './program-problems.ts';

export type ProbeResult =
  | { readonly outcome: 'ready'; readonly dialect: Dialect; readonly version: string | null }
  | { readonly outcome: 'unusable'; readonly problem: Problem };

export interface ProbeDependencies {
  readonly cli: Cli;
  /** Path of the program; null = none is configured. */
  readonly program: string | null;
  readonly clock: Clock;
}

/** The command line that starts the program: a stand-in in JavaScript runs on this very Node.js, whatever PATH says. */
export const commandOf = (program: string): readonly [file: string, ...args: string[]] =>
  /\.m?js$/.test(program) ? [process.execPath, program] : [program];

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1_000_000;
/** Somebody may be installing it: worth another look, though not for each list. */
const AGAIN_AFTER_MS = 60_000;

/**
 * Finds out once which dialect the program speaks: by its help, which asks for no credential and no network. A
 * program that can't be used is looked at again a minute later.
 */
export function createProbe({ cli, program, clock }: ProbeDependencies): () => Promise<ProbeResult> {
  let known: { readonly result: Promise<ProbeResult>; readonly at: number } | undefined;

  const run = async (args: readonly string[]): Promise<CliResult> => {
    const [file, ...before] = commandOf(program ?? '');
    const env = { OVH_PROFILE: 'default' };
    const signal = new AbortController().signal;
    return await cli.run({ file, args: [...before, ...args], env, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, signal });
  };

  const probe = async (): Promise<ProbeResult> => {
    if (program === null) return { outcome: 'unusable', problem: notConfigured };
    const help = await run(['--help']);
    if (help.outcome === 'not_started') return { outcome: 'unusable', problem: missing(program, help.code) };
    const dialect = dialectOf(textOf(help), textOf(await run(['cloud', '--help'])));
    if (dialect === undefined) return { outcome: 'unusable', problem: dialectUnknown(described(help)) };
    const version = await run(['version', ...(dialect === 'older' ? ['--json'] : ['--output', 'json'])]);
    return { outcome: 'ready', dialect, version: versionIn(textOf(version)) };
  };

  return async () => {
    const now = clock.now();
    if (known === undefined || ((await known.result).outcome === 'unusable' && now - known.at >= AGAIN_AFTER_MS)) {
      known = { result: probe(), at: now };
    }
    return await known.result;
  };
}

/** The output flag and the names of commands changed in different releases: both must be of one generation. */
export function dialectOf(rootHelp: string, cloudHelp: string): Dialect | undefined {
  if (/^ +-j, --json\s/m.test(rootHelp) && /^ {2}kube\s/m.test(cloudHelp)) return 'older';
  if (/^ +-o, --output\s/m.test(rootHelp) && /^ {2}managed-kubernetes\s/m.test(cloudHelp)) return 'later';
  return undefined;
}

const textOf = (result: CliResult): string => (result.outcome === 'exited' ? result.stdout : '');

function described(help: CliResult): string {
  if (help.outcome !== 'exited') return `its help did not come (${help.outcome})`;
  return help.stdout.includes('ovhcloud')
    ? 'its help names other flags or commands'
    : 'its help is not that of ovhcloud';
}

function versionIn(stdout: string): string | null {
  try {
    const [row] = JSON.parse(stdout) as [{ version?: unknown }?];
    return typeof row?.version === 'string' ? row.version : null;
  } catch {
    return null;
  }
}
