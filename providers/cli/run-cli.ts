import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';

import { Secret } from '../../platform/secret.ts';
import { createRedactor } from '../http/redact.ts';
import { createOrphanGuard, type GuardProcess } from './orphan-guard.ts';

export interface CliRequest {
  /** A path, or a name on PATH. */
  readonly file: string;
  readonly args: readonly string[];
  /** Beside the few variables that are passed on. Secrets belong here, as Secrets, and nowhere else. */
  readonly env: ChildVariables;
  /** From its start. The whole process group is ended then. */
  readonly timeoutMs: number;
  /** Of each of the two output streams; a program that writes more is ended. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** How a run ended. Whether an exit code is a failure, the caller decides. */
export type CliResult =
  | {
      readonly outcome: 'exited';
      readonly exitCode: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly outcome: 'signalled'; readonly signal: string }
  | { readonly outcome: 'timed_out' | 'cancelled' | 'output_too_large' }
  /** `code` as the system gave it, e.g. ENOENT or EACCES. */
  | { readonly outcome: 'not_started'; readonly code: string };

export interface Cli {
  /** Throws {@link SecretInArgumentError}, and nothing for whatever the program does. */
  run(request: CliRequest): Promise<CliResult>;
  /** For the end of the process: nothing runs any more. */
  close(): void;
}

/** Arguments are seen by every user of the machine. */
export class SecretInArgumentError extends Error {
  override readonly name = 'SecretInArgumentError';
}

export interface CliDependencies {
  /** This process's environment, of which a few harmless variables are passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
}

const GRACE_MS = 2_000;

/**
 * The only door to a subprocess: no shell, a cleared environment, an empty private folder as home and working
 * directory, standard input closed, limits on time and output that end the whole process group, and a guard that
 * ends it when this process is killed.
 */
export function createCli({ environment, graceMs = GRACE_MS }: CliDependencies): Cli {
  const guard = createOrphanGuard(startGuard);

  const runNow = async (request: CliRequest): Promise<CliResult> => {
    const folder = await mkdtemp(join(tmpdir(), 'mooring-cli-'));
    try {
      const subprocess = execa(request.file, request.args, {
        cwd: folder,
        env: childEnvironment(environment, request.env, folder),
        extendEnv: false,
        stdin: 'ignore',
        encoding: 'buffer',
        stripFinalNewline: false,
        maxBuffer: request.maxBytes,
        timeout: request.timeoutMs,
        cancelSignal: request.signal,
        killDescendants: true,
        forceKillAfterDelay: graceMs,
        reject: false,
      });
      const { pid } = subprocess;
      if (pid !== undefined) guard.watch(pid, folder);
      const result = await subprocess;
      if (pid !== undefined) {
        // What the program left running in its group goes with it.
        subprocess.kill('SIGKILL');
        guard.release(pid);
      }
      return outcomeOf(result, secretValues(request.env));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  return {
    async run(request) {
      refuseSecretArguments(request);
      return request.signal.aborted ? { outcome: 'cancelled' } : await runNow(request);
    },
    close: () => guard.close(),
  };
}

function refuseSecretArguments({ file, args, env }: CliRequest): void {
  const secrets = secretValues(env);
  const index = [file, ...args].findIndex((arg) => secrets.some((secret) => arg.includes(secret)));
  if (index >= 0) throw new SecretInArgumentError(`Argument ${index} of a command holds a secret of its environment.`);
}

/** Of execa's result, what says how the run ended. */
interface Finished {
  readonly timedOut: boolean;
  readonly isCanceled: boolean;
  readonly isMaxBuffer: boolean;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

function outcomeOf(result: Finished, secrets: readonly string[]): CliResult {
  if (result.timedOut) return { outcome: 'timed_out' };
  if (result.isCanceled) return { outcome: 'cancelled' };
  if (result.isMaxBuffer) return { outcome: 'output_too_large' };
  if (result.exitCode !== undefined) {
    const { exitCode, stdout, stderr } = result;
    return { outcome: 'exited', exitCode, stdout: readable(stdout, secrets), stderr: readable(stderr, secrets) };
  }
  if (result.signal !== undefined) return { outcome: 'signalled', signal: result.signal };
  return { outcome: 'not_started', code: result.code ?? 'UNKNOWN' };
}

/** A program that prints a credential it was given must not bring it into a result. */
const readable = (output: Uint8Array, secrets: readonly string[]): string =>
  createRedactor(secrets)(Buffer.from(output).toString('utf8'));

/** A session of its own, so that a Ctrl-C meant for the worker does not end it before its time. */
function startGuard(source: string): GuardProcess {
  const subprocess = execa(process.execPath, ['--eval', source], {
    env: {},
    extendEnv: false,
    stdin: 'pipe',
    stdout: 'ignore',
    stderr: 'ignore',
    detached: true,
    cleanup: false,
    reject: false,
  });
  // Neither the guard nor the pipe to it keeps this process from ending.
  subprocess.nodeChildProcess.unref();
  if (subprocess.stdin instanceof Socket) subprocess.stdin.unref();
  return { stdin: subprocess.stdin, onExit: (listener) => void subprocess.then(listener) };
}

/** A Secret's value goes into the child's environment and nowhere else. */
export type ChildVariables = Readonly<Record<string, string | Secret<string>>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** What a program may need of this process's environment: how to find programs, reach the network and trust it. */
const PASSED_ON: readonly string[] = [
  'PATH',
  'TZ',
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'NO_PROXY',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/** Nothing is inherited but the allow-list; the child's home and its temporary files are in its own folder. */
function childEnvironment(own: Environment, variables: ChildVariables, folder: string): Record<string, string> {
  const passed = PASSED_ON.map((name) => [name, own[name]] as const).filter(
    (entry): entry is readonly [string, string] => entry[1] !== undefined,
  );
  // Go's name for a file of authorities, which it trusts besides those of the system's folder.
  const caFile = own['SSL_CERT_FILE'] ?? own['MOORING_CA_FILE'];
  const given = Object.entries(variables).map(([name, value]) => [name, revealed(value)]);
  const trusted = caFile === undefined ? {} : { SSL_CERT_FILE: caFile };
  return { ...Object.fromEntries(passed), ...trusted, HOME: folder, TMPDIR: folder, ...Object.fromEntries(given) };
}

/** The values that must not show up anywhere else. */
const secretValues = (variables: ChildVariables): string[] =>
  Object.values(variables)
    .filter((value) => value instanceof Secret)
    .map((secret) => secret.reveal())
    .filter((value) => value !== '');

const revealed = (value: string | Secret<string>): string => (value instanceof Secret ? value.reveal() : value);
