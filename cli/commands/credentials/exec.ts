import { Command } from 'commander';
import { clientCodes, MooringError } from '../../client/index.ts';
import type { MakeCommand } from '../command.ts';
import { withLeaseOptions } from './get.ts';
import { readAs, type LeaseOptions } from './read.ts';

/** Ours: a program that works for one connection must not get the key for all of them. */
const own = ['MOORING_API_KEY'];

export const exec: MakeCommand = (context) =>
  withLeaseOptions(
    new Command('exec').description('Run a program with fresh credentials in its environment, and end as it does.'),
  )
    .argument('<command...>', 'the program and its arguments, after "--"')
    .addHelpText(
      'after',
      '\nThe credentials are in the environment of the program alone, never on the disk. They are not renewed while it runs.',
    )
    .action(async (id: string, command: string[], lease: LeaseOptions) => {
      const variables = parse(await readAs(context, id, 'variables', lease));
      const inherited = Object.entries(context.environment).filter(([name]) => !own.includes(name));
      context.exitWith(await context.runChild(command, { ...Object.fromEntries(inherited), ...variables }));
    });

/** Throws `MooringError`, without the text: it may hold a secret. */
function parse(text: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string')) {
      return value as Record<string, string>;
    }
  } catch {
    // Answered below.
  }
  throw new MooringError({
    code: clientCodes.unexpectedAnswer,
    message: 'The API answered no variables.',
    remedy: 'Check that it is as new as this program, and what proxies before it do.',
  });
}
