import { Argument, Command } from 'commander';
import { complete, completionScripts, shells, type Shell } from '../completion.ts';
import type { MakeCommand } from './command.ts';

export const completion: MakeCommand = (context) =>
  new Command('completion')
    .description('A script that completes commands in a shell; its first lines say where to put it.')
    .addArgument(new Argument('<shell>').choices(shells))
    .action(async (shell: Shell) => await context.terminal.out(completionScripts[shell]));

/** What those scripts ask. */
export const completeWords: MakeCommand = (context, program) =>
  new Command('__complete').argument('[words...]').action(async (words: string[]) => {
    await context.terminal.out(
      complete(program, words)
        .map((word) => `${word}\n`)
        .join(''),
    );
  });
