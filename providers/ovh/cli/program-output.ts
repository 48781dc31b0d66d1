import type { CliResult } from '../../cli/run-cli.ts';
import type { Loss } from '../../listing/lister.ts';
import type { RegionManifest } from '../../manifests/types.ts';
import { ProviderError } from '../../provider.ts';
import { readFailureText } from './failure-text.ts';
import { failureError, lossOf } from './listing-errors.ts';
import * as problem from './program-problems.ts';

type Exited = Extract<CliResult, { outcome: 'exited' }>;

/** What was listed, before rows are read, and what was lost on the way. */
export interface RawListing {
  readonly rows: readonly unknown[];
  readonly losses: readonly Loss[];
}

const PANIC_EXIT = 2;

/**
 * Reads one run of a list command. Exit code 0 proves nothing: an unknown command prints help with it, and lists over
 * regions leave out what failed. Throws `ProviderError`.
 */
export function readProgramOutput(result: Exited, region: RegionManifest): RawListing {
  const { exitCode, stdout, stderr } = result;
  if (exitCode === PANIC_EXIT || stderr.startsWith('panic: ')) throw problem.crashed(firstLine(stderr));
  const output = parsed(stdout);
  if (exitCode !== 0 || isError(output)) throw failureOf(result, region);
  // An empty list is `null`: Go prints a slice that was never made.
  if (output === null) return { rows: [], losses: lossesIn(stderr, region) };
  if (Array.isArray(output)) return { rows: output, losses: lossesIn(stderr, region) };
  throw isHelp(stdout)
    ? problem.dialectError('a command it should know made it print help')
    : problem.unreadable(stdout);
}

const LOSS = /^(?:\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )?error fetching (\/\S+): (.+)$/gm;

/** With `-e`, and for regions always, this line on stderr is the only trace of what is missing. */
function lossesIn(stderr: string, region: RegionManifest): Loss[] {
  return [...stderr.matchAll(LOSS)].map(([line, path = '', text = '']) =>
    lossOf(path, errorOf(text, region) ?? problem.failed(0, line)),
  );
}

/** Errors are told on stdout in this line of the program, and may be on stderr in a later one: both are read. */
function failureOf({ exitCode, stdout, stderr }: Exited, region: RegionManifest): ProviderError {
  if (/^Error: (unknown|if any flags)/m.test(stderr)) return problem.dialectError(firstLine(stderr));
  const texts = [messageIn(stdout), messageIn(stderr), stderr].filter((text) => text !== '');
  for (const text of texts) {
    const error = errorOf(text, region);
    if (error !== undefined) return error;
  }
  return problem.failed(exitCode, texts[0] ?? '');
}

function errorOf(text: string, region: RegionManifest): ProviderError | undefined {
  const failure = readFailureText(text);
  if (failure === undefined) return undefined;
  if ('kind' in failure) return failureError(failure, region);
  return new ProviderError({ ...failure, delivery: 'not_sent' });
}

/** `{"message": "🛑 …", "error": true}`, or the message alone where another format was in force. */
function messageIn(stream: string): string {
  const output = parsed(stream);
  const text = isError(output) ? output.message : /^🛑 .*/ms.exec(stream)?.[0];
  return (text ?? '').replace(/^🛑 /, '').trim();
}

function isError(output: unknown): output is { readonly message: string; readonly error: true } {
  if (typeof output !== 'object' || output === null) return false;
  const { error, message } = output as { error?: unknown; message?: unknown };
  return error === true && typeof message === 'string';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const isHelp = (stdout: string): boolean => /^Usage:\n {2}ovhcloud /m.test(stdout);
const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
