import { createClient, type Client } from './client.ts';
import { findCommand, type CommandPath } from './command.ts';
import { root } from './commands.ts';
import { readSettings, type ClientSettings } from './credentials.ts';
import { reasonOf } from './failures.ts';
import { parseFlags, UsageError, type FlagValues } from './flags.ts';
import { log } from './log.ts';
import { printError, type OutputFormat } from './output.ts';
import { Panic, printPanic } from './panic.ts';
import { commandPath, help, inheritedFlags, localFlags, usage } from './usage.ts';

const PANIC_EXIT = 2;

/** The exit code. Whatever the run has to say stands on stdout and stderr by then. */
async function main(args: readonly string[]): Promise<number> {
  const settings = trySettings();
  const { path, rest } = findCommand(root, args);
  const command = path.at(-1) ?? root;
  const usageFailure = (message: string): number => {
    process.stderr.write(`Error: ${message}\n${usage(path)}\n`);
    return 1;
  };

  let parsed: ReturnType<typeof parseFlags>;
  try {
    parsed = parseFlags(rest, [...localFlags(path), ...inheritedFlags(path)]);
  } catch (error) {
    if (error instanceof UsageError) return usageFailure(error.message);
    throw error;
  }
  if (path.length === 1 && parsed.rest.length > 0) return unknownCommand(path, parsed.rest[0] ?? '');
  if (command.run === undefined || parsed.flags.has('help')) {
    process.stdout.write(help(path));
    return 0;
  }
  if (command.argument !== undefined && parsed.rest.length !== 1) {
    return usageFailure(`accepts 1 arg(s), received ${parsed.rest.length}`);
  }

  const output = outputOf(parsed.flags);
  if (settings === undefined && !command.withoutClient) {
    printError('API client is not initialized, please run `ovhcloud login` to authenticate', output);
    return 1;
  }
  try {
    const client = settings ? createClient(settings, parsed.flags.has('debug')) : noClient;
    const ignoreErrors = parsed.flags.has('ignore-errors');
    await command.run({ client, args: parsed.rest, flags: parsed.flags, output, ignoreErrors });
    return 0;
  } catch (error) {
    if (error instanceof Panic) printPanic(error);
    else printError(reasonOf(error), output);
    return error instanceof Panic ? PANIC_EXIT : 1;
  }
}

function trySettings(): ClientSettings | undefined {
  try {
    return readSettings(process.env);
  } catch (error) {
    const hint = 'OVHcloud API client not initialized, please run "ovhcloud login" to authenticate';
    log(`${hint} (${reasonOf(error)})`);
    return undefined;
  }
}

function unknownCommand(path: CommandPath, name: string): number {
  const program = commandPath(path);
  process.stderr.write(`Error: unknown command "${name}" for "${program}"\nRun '${program} --help' for usage.\n`);
  return 1;
}

const outputOf = (flags: FlagValues): OutputFormat => ({
  json: flags.has('json'),
  yaml: flags.has('yaml'),
  format: flags.get('format')?.[0] ?? '',
});

const unreachable = (): never => {
  throw new Error('no client');
};
const noClient: Client = { prepare: unreachable, exchange: unreachable, get: unreachable };

const flushed = async (stream: NodeJS.WriteStream): Promise<void> =>
  await new Promise((resolve) => {
    stream.write('', () => resolve());
  });

const exitCode = await main(process.argv.slice(2));
// A long list is not yet in the pipe; kept connections would hold the process for a while after it is.
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(exitCode);
