import { Command, CommanderError, Option } from 'commander';
import { commands } from './commands/index.ts';
import { createContext, type Context, type Dependencies, type GlobalOptions } from './context.ts';
import { reportOf } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { outputFormats } from './output/printer.ts';

/** The command tree. Nothing of the context is used before a command runs. */
export function createProgram(makeContext: (globals: () => GlobalOptions) => Context, version: string): Command {
  const program = new Command('mooring')
    .description('Cloud connections that Mooring keeps alive.')
    .version(version)
    .addOption(new Option('--url <url>', 'the installation; else MOORING_URL, or the profile'))
    .addOption(new Option('--profile <name>', 'a profile of "mooring login"; else MOORING_PROFILE, or the current one'))
    .addOption(new Option('--json <fields>', 'print these fields as JSON, separated by commas; "a.b" goes deeper'))
    .addOption(
      new Option('-o, --output <format>', 'default: table on a terminal, TSV in a pipe').choices(outputFormats),
    )
    .addOption(new Option('--no-input', 'never ask; fail where an answer is needed'));
  const context = makeContext(() => program.opts<GlobalOptions>());
  for (const make of commands) {
    const command = make(context, program);
    program.addCommand(command, { hidden: command.name().startsWith('_') });
  }
  forEachCommand(program, (command) => void command.configureHelp({ showGlobalOptions: true }));
  return program;
}

/** Runs one command line, without the names of Node and the program. Resolves with the exit code; never rejects. */
export async function runProgram(args: readonly string[], dependencies: Dependencies): Promise<number> {
  const { terminal, version } = dependencies;
  let exitCode: number = exitCodes.ok.code;
  const program = createProgram(
    (globals) => createContext(dependencies, globals, (code) => (exitCode = code)),
    version,
  );
  let output = Promise.resolve();
  forEachCommand(program, (command) => {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        output = output.then(async () => await terminal.out(text));
      },
      writeErr: (text) => terminal.say(text.trimEnd()),
    });
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help and version are no errors; what is wrong with the command line was said by commander.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok.code : exitCodes.error.code;
    const reported = reportOf(error);
    for (const line of reported.lines) terminal.say(line);
    return reported.exitCode;
  } finally {
    await output;
  }
}

export function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) forEachCommand(child, visit);
}
