import type { CliResult } from '../../cli/run-cli.ts';
import type { CallFailure } from '../../http/call-error.ts';
import type { Verdict } from '../../http/classify.ts';
import type { Loss } from '../../listing/lister.ts';
import type { RegionManifest } from '../../manifests/types.ts';
import { ProviderError } from '../../provider.ts';
import { failureError, lossOf } from './errors.ts';
import * as problem from './program-problems.ts';
import { programVariable } from './program-problems.ts';

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
    ? problem.releaseError('a command it should know made it print help')
    : problem.unreadable(stdout);
}

const LOSS = /^(?:\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )?error fetching (\/\S+): (.+)$/gm;

/** With `-e`, and for regions always, this line on stderr is the only trace of what is missing. */
function lossesIn(stderr: string, region: RegionManifest): Loss[] {
  return [...stderr.matchAll(LOSS)].map(([line, path = '', text = '']) =>
    lossOf(path, errorOf(text, region) ?? problem.failed(0, line)),
  );
}

/** Errors are on stdout in this line of the program, and may be on stderr in a later one: both are read. */
function failureOf({ exitCode, stdout, stderr }: Exited, region: RegionManifest): ProviderError {
  if (/^Error: (unknown|if any flags)/m.test(stderr)) return problem.releaseError(firstLine(stderr));
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

/**
 * What one error text of the program says. It is made of what was being done, colon by colon, and of the cause at
 * its end: the API's error, or that of Go's HTTP client. Undefined where it is neither.
 */
function readFailureText(text: string): CallFailure | Verdict | undefined {
  return readApiError(text) ?? readTokenError(text) ?? readNetworkError(text) ?? readSetupError(text);
}

const API_ERROR = /OVHcloud API error \(status code (\d+)\): (?:([A-Za-z]+(?:::[A-Za-z]+)+): )?("(?:[^"\\]|\\.)*")/;
const MISSING = / \(missing IAM permissions: ([^)]*)\)$/;

function readApiError(text: string): CallFailure | undefined {
  const [, status, errorClass, said] = API_ERROR.exec(text) ?? [];
  if (status === undefined || said === undefined) return undefined;
  const message = unquoted(said);
  const actions = MISSING.exec(message)?.[1];
  const queryId = /X-OVH-Query-Id: (\S+)\)/.exec(text)?.[1];
  const body = {
    message: message.replace(MISSING, ''),
    ...(errorClass !== undefined && { class: errorClass }),
    ...(queryId !== undefined && { queryId }),
    ...(actions !== undefined && { details: { unauthorizedActionsByIAM: actions } }),
  };
  return { kind: 'status', status: Number(status), retryAfterSeconds: null, body };
}

function readTokenError(text: string): CallFailure | undefined {
  const [, error, description] = /oauth2: "(\w+)"(?: "([^"]*)")?/.exec(text) ?? [];
  return error === undefined ? undefined : { kind: 'oauth', error, description: description ?? null };
}

/** `Get "https://…": EOF`; whatever follows the address is the cause. */
function readNetworkError(text: string): CallFailure | Verdict | undefined {
  const reason = /(?:Get|Post) "[^"]*": (.+)$/s.exec(text)?.[1];
  if (reason === undefined) return undefined;
  if (/x509|tls: /.test(reason)) return untrusted(reason);
  const delivery = /connection refused|no such host/.test(reason) ? 'not_sent' : 'unknown';
  return { kind: 'no_answer', delivery, reason };
}

/** The program did not get as far as to ask anything: its environment or a file it found is wrong. */
function readSetupError(text: string): Verdict | undefined {
  const reason = /API client not initialized.* to authenticate \((.*)\)\s*$/s.exec(text)?.[1]?.trim();
  if (reason === undefined) return undefined;
  const isFile = /multiple authentication methods|cannot load configuration/.test(reason);
  return {
    class: 'config',
    problem: {
      code: 'ovhcloud_misconfigured',
      message: `ovhcloud can't work as it is set up on the worker: ${reason}.`,
      remedy: isFile
        ? "A file that it reads is in the way: remove credentials and errors from /etc/ovh.conf and from ~/.ovh.conf of the worker's user."
        : `Check the configured API address, and that ${programVariable} names the program itself.`,
    },
  };
}

const untrusted = (reason: string): Verdict => ({
  class: 'config',
  problem: {
    code: 'tls_untrusted',
    message: `The connection to OVHcloud is not trusted (${reason}).`,
    remedy: 'If a proxy of your own is in between, give the worker its authority: SSL_CERT_FILE=/path/to/ca.pem.',
  },
});

/** Go quotes with escapes that JSON does not all have. */
function unquoted(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}
