import { createClient, readSettings, type Client, type ClientSettings } from './client.ts';
import { commandPath, findCommand, help, inheritedFlags, localFlags, usage, type CommandPath } from './command.ts';
import { root } from './commands.ts';
import { parseFlags, UsageError } from './flags.ts';
import { log, reasonOf } from './go.ts';
import { Panic, printError, printPanic } from './output.ts';

const PANIC_EXIT = 2;

/** Answers the exit code, with all output written. */
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

  const refused = ['debug', 'filter', 'format', 'interactive', 'yaml'].filter((name) => parsed.flags.has(name));
  if (refused.length > 0 || !parsed.flags.has('json')) {
    process.stderr.write(`The stand-in for ovhcloud prints JSON only: give it --json, and no ${refused.join(', ')}.\n`);
    return 1;
  }
  if (settings === undefined && !command.withoutClient) {
    printError('API client is not initialized, please run `ovhcloud login` to authenticate');
    return 1;
  }
  try {
    const client = settings ? createClient(settings) : noClient;
    const ignoreErrors = parsed.flags.has('ignore-errors');
    await command.run({ client, flags: parsed.flags, ignoreErrors });
    return 0;
  } catch (error) {
    if (error instanceof Panic) printPanic(error);
    else printError(reasonOf(error));
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

const unreachable = (): never => {
  throw new Error('no client');
};
const noClient: Client = { prepare: unreachable, get: unreachable };

const flushed = async (stream: NodeJS.WriteStream): Promise<void> =>
  await new Promise((resolve) => {
    stream.write('', () => resolve());
  });

const exitCode = await main(process.argv.slice(2));
// A long list is not yet in the pipe; kept connections would hold the process for a while after it is.
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(exitCode);
