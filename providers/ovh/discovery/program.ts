import type { Clock } from '../../../platform/clock.ts';
import type { Problem } from '../../../contracts/problem.ts';
import type { ChildVariables, Cli, CliResult } from '../../cli/run-cli.ts';
import type { ListContext } from '../../listing/lister.ts';
import { reportProgram } from './program-calls.ts';
import { ProviderError } from '../../provider.ts';
import { checkedApiUrl, credentialOf } from '../client.ts';
import type { OvhKindId } from './kinds.ts';
import { readProgramOutput, type RawListing } from './program-output.ts';
import { killed, missing, releaseUnknown, timedOut, tooLarge } from './program-problems.ts';

export interface ProgramLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** One list by one run of the program. Throws `ProviderError`, or the signal's reason. */
export async function listByProgram(
  { cli, program, limits }: { cli: Cli; program: string; limits: ProgramLimits },
  context: ListContext,
  kind: OvhKindId,
  projectId: string | null,
): Promise<RawListing> {
  const [file, ...before] = commandOf(program);
  const args = [...before, ...argumentsFor(kind, projectId)];
  const { region, signal } = context;
  const startedAt = performance.now();
  const result = await cli.run({ file, args, env: programEnvironment(context), ...limits, signal });
  const onFailure = reportProgram(result, performance.now() - startedAt);
  signal.throwIfAborted();
  switch (result.outcome) {
    case 'exited':
      return readProgramOutput(result, { kind, projectId, region: region.manifest, onFailure });
    case 'timed_out':
    case 'cancelled':
      throw timedOut(limits.timeoutMs);
    case 'output_too_large':
      throw tooLarge(limits.maxBytes);
    case 'signalled':
      throw killed(result.signal);
    case 'not_started':
      throw new ProviderError({ class: 'config', problem: missing(program, result.code), delivery: 'not_sent' });
  }
}

/**
 * The allow-list: no other command is ever run. Some that look harmless print secrets (`baremetal list-secrets`,
 * `cloud storage-s3 credentials get`). `--debug` prints the bearer token.
 */
export const commands: Readonly<Record<OvhKindId, readonly string[]>> = {
  project: ['cloud', 'project', 'list'],
  instance: ['cloud', 'instance', 'list'],
  kubernetes: ['cloud', 'kube', 'list'],
  database: ['cloud', 'database-service', 'list'],
  load_balancer: ['cloud', 'loadbalancer', 'list'],
  registry: ['cloud', 'container-registry', 'list'],
  private_network: ['cloud', 'network', 'private', 'list'],
  volume: ['cloud', 'storage-block', 'list'],
  object_storage_s3: ['cloud', 'storage-s3', 'list'],
  object_storage_swift: ['cloud', 'storage-swift', 'list'],
  dedicated_server: ['baremetal', 'list'],
};

/** With `--ignore-errors` the rest of a list comes when a part of it fails, and each loss is written to stderr. */
const FLAGS = ['--ignore-errors', '--json'];

/** The whole command line, without the program. `--cloud-project` is right; OVHcloud's documents say otherwise. */
export function argumentsFor(kind: OvhKindId, projectId: string | null): string[] {
  return [...commands[kind], ...(projectId === null ? [] : ['--cloud-project', projectId]), ...FLAGS];
}

/**
 * The program's environment. It refuses to work when it finds more than one kind of credential, files included; so
 * exactly one is given, the endpoint is a URL (no named section of a file is read), and the profile is the plain one.
 */
export function programEnvironment({ region, record }: Pick<ListContext, 'region' | 'record'>): ChildVariables {
  const endpoint = { OVH_ENDPOINT: checkedApiUrl(region), OVH_PROFILE: 'default' };
  const credential = credentialOf(record);
  switch (credential.kind) {
    case 'token':
      return { ...endpoint, OVH_ACCESS_TOKEN: credential.accessToken };
    case 'keys':
      return {
        ...endpoint,
        OVH_APPLICATION_KEY: credential.applicationKey,
        OVH_APPLICATION_SECRET: credential.applicationSecret,
        OVH_CONSUMER_KEY: credential.consumerKey,
      };
  }
}

/** The command line that starts the program: a stand-in in JavaScript runs on this very Node.js, whatever PATH says. */
export const commandOf = (program: string): readonly [file: string, ...args: string[]] =>
  /\.m?js$/.test(program) ? [process.execPath, program] : [program];

export type ProbeResult =
  | { readonly outcome: 'ready'; readonly version: string | null }
  | { readonly outcome: 'unusable'; readonly problem: Problem };

export interface ProbeDependencies {
  readonly cli: Cli;
  /** Path of the program. */
  readonly program: string;
  readonly clock: Clock;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1_000_000;
/** An operator may be installing it: it is looked at again, but not for each list. */
const AGAIN_AFTER_MS = 60_000;

/**
 * Finds out once whether the program is of a release that Mooring knows: by its help, which asks for no credential and
 * no network. A program that cannot be used is looked at again a minute later.
 */
export function createProbe({ cli, program, clock }: ProbeDependencies): () => Promise<ProbeResult> {
  let known: { readonly result: Promise<ProbeResult>; readonly at: number } | undefined;

  const run = async (args: readonly string[]): Promise<CliResult> => {
    const [file, ...before] = commandOf(program);
    const env = { OVH_PROFILE: 'default' };
    const signal = new AbortController().signal;
    return await cli.run({ file, args: [...before, ...args], env, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, signal });
  };

  const probe = async (): Promise<ProbeResult> => {
    const help = await run(['--help']);
    if (help.outcome === 'not_started') return { outcome: 'unusable', problem: missing(program, help.code) };
    const isKnown = isKnownRelease(textOf(help), textOf(await run(['cloud', '--help'])));
    if (!isKnown) return { outcome: 'unusable', problem: releaseUnknown(described(help)) };
    return { outcome: 'ready', version: versionIn(textOf(await run(['version', '--json']))) };
  };

  return async () => {
    const now = clock.now();
    if (known === undefined || ((await known.result).outcome === 'unusable' && now - known.at >= AGAIN_AFTER_MS)) {
      known = { result: probe(), at: now };
    }
    return await known.result;
  };
}

/** Later releases ask for JSON with another flag and name commands differently: both must be as we know them. */
export const isKnownRelease = (rootHelp: string, cloudHelp: string): boolean =>
  /^ +-j, --json\s/m.test(rootHelp) && /^ {2}kube\s/m.test(cloudHelp);

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
