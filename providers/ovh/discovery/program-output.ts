import type { CliResult } from '../../cli/run-cli.ts';
import type { CallFailure } from '../../http/call-error.ts';
import type { Loss } from '../../listing/lister.ts';
import type { RegionManifest } from '../../manifests/types.ts';
import { ProviderError } from '../../provider.ts';
import { failureError, lossOf, type ListCall } from './errors.ts';
import type { OvhKindId } from './kinds.ts';
import { listPath, projectPath } from './paths.ts';
import { readFailureText } from './program-errors.ts';
import * as problem from './program-problems.ts';

type Exited = Extract<CliResult, { outcome: 'exited' }>;

/** What was listed, before rows are read, and what was lost on the way. */
export interface RawListing {
  readonly rows: readonly unknown[];
  readonly losses: readonly Loss[];
}

/** What the program was run for. */
interface ProgramRun {
  /** Hears of each call that the program says has failed. */
  readonly onFailure?: (failure: CallFailure) => void;
  readonly kind: OvhKindId;
  readonly projectId: string | null;
  readonly region: RegionManifest;
}

const PANIC_EXIT = 2;

/**
 * Reads one run of a list command. Exit code 0 proves nothing: an unknown command prints help with it, lists over regions
 * leave out what failed, and an answer without a body looks like an empty list. Throws `ProviderError`.
 */
export function readProgramOutput(result: Exited, run: ProgramRun): RawListing {
  const { exitCode, stdout, stderr } = result;
  if (exitCode === PANIC_EXIT || stderr.startsWith('panic: ')) throw problem.crashed(firstLine(stderr));
  const output = parsed(stdout);
  if (exitCode !== 0 || isError(output)) throw failureIn(result, run);
  // An empty list is `null`: Go prints a slice that was never made.
  if (output === null) return { rows: [], losses: lossesIn(stderr, run) };
  if (Array.isArray(output)) return { rows: output, losses: lossesIn(stderr, run) };
  throw isHelp(stdout)
    ? problem.releaseError('a command it should know made it print help')
    : problem.unreadable(stdout);
}

const LOSS = /^(?:\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )?error fetching (\/\S+): (.+)$/gm;

/** With `-e`, and for regions always, this line on stderr is the only trace of what is missing. */
function lossesIn(stderr: string, run: ProgramRun): Loss[] {
  return [...stderr.matchAll(LOSS)].map(([line, path = '', text = '']) =>
    lossOf(plainPath(path), errorOf(text, { ...run, path: plainPath(path) }) ?? problem.failed(0, plainPath(line))),
  );
}

/**
 * Where the API lists objects in the place of ids, the program asks for the whole object as if it were an id: `map[…]`. It
 * may hold secrets.
 */
const plainPath = (path: string): string => path.replace(/map(\[|%5B).*/s, 'map[…]');

/** Errors are on stdout in this line of the program, and may be on stderr in a later one: both are read. */
function failureIn({ exitCode, stdout, stderr }: Exited, run: ProgramRun): ProviderError {
  if (/^Error: (unknown|if any flags)/m.test(stderr)) return problem.releaseError(firstLine(stderr));
  const texts = [messageIn(stdout), messageIn(stderr), stderr].filter((text) => text !== '');
  for (const text of texts) {
    const error = errorOf(text, { ...run, path: pathIn(text, run) });
    if (error !== undefined) return error;
  }
  return problem.failed(exitCode, texts[0] ?? '');
}

/** The path of the call that failed: the program names it in some of its errors, and says what it did in the others. */
function pathIn(text: string, { kind, projectId }: ProgramRun): string {
  const named = /error fetching (\/\S+): /.exec(text)?.[1];
  if (named !== undefined) return plainPath(named);
  if (text.includes('failed to fetch regions')) return `${projectPath(projectId)}/region`;
  const list = listPath(kind, projectId);
  return text.includes('error fetching plan details') ? `${list}/*/plan` : list;
}

function errorOf(text: string, call: ProgramRun & ListCall): ProviderError | undefined {
  const failure = readFailureText(text);
  if (failure === undefined) return undefined;
  if ('kind' in failure) {
    call.onFailure?.(failure);
    return failureError(failure, call);
  }
  return new ProviderError({ ...failure, delivery: 'unknown' });
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
