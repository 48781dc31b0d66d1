import type { Argument, Command, Option } from 'commander';
import type { Context } from '../../cli/context.ts';
import { exitCodes } from '../../cli/exit-codes.ts';
import { createProgram } from '../../cli/program.ts';
import type { Generator } from './generator.ts';
import { between, code, prettyMarkdown, table } from './markdown.ts';

/** `docs/cli.md`: every command of the `mooring` program. */
export const cli: Generator = {
  async generate(current) {
    const path = 'docs/cli.md';
    // No command runs here, so nothing is asked of the context.
    const program = createProgram(() => ({}) as Context, '');
    const content = [
      'Every command takes these options:',
      optionsTable(program),
      'Exit codes:',
      exitTable(),
      ...program.commands.filter(isShown).flatMap((command) => sections(command, program.name())),
    ];
    return [{ path, text: await prettyMarkdown(between(current(path), 'commands', content.join('\n\n'))) }];
  },
};

const isShown = (command: Command): boolean => !command.name().startsWith('_');

const exitTable = (): string =>
  table(
    ['Code', 'Means'],
    Object.values(exitCodes).map(({ code: number, meaning }) => [String(number), meaning]),
  );

/** A heading for each noun; its verbs, each with what it takes, below. */
function sections(command: Command, parent: string): string[] {
  const name = `${parent} ${command.name()}`;
  if (command.commands.length === 0) return [`### ${code(name)}`, ...described(command)];
  return [
    `### ${code(name)}`,
    command.description(),
    ...command.commands.flatMap((child) => [`#### ${code(`${name} ${child.name()}`)}`, ...described(child)]),
  ];
}

function described(command: Command): string[] {
  const given = command.registeredArguments.filter(({ description }) => description !== '').map(argumentRow);
  const rows = [...given, ...command.options.map(optionRow)];
  const usage = command.registeredArguments.map(term).join(' ');
  return [
    command.description(),
    ...(usage === '' ? [] : [`Takes ${code(usage)}.`]),
    ...(rows.length === 0 ? [] : [table(['Argument or option', 'What it is', 'Default'], rows)]),
  ];
}

const optionsTable = (program: Command): string =>
  table(['Option', 'What it is', 'Default'], program.options.filter(({ long }) => long !== '--version').map(optionRow));

const term = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
};

const argumentRow = (argument: Argument): string[] => [code(term(argument)), argument.description, ''];

function optionRow({ flags, description, argChoices, defaultValue, negate }: Option): string[] {
  const choices = argChoices ? `${argChoices.map(code).join(', ')}${description === '' ? '' : '; '}` : '';
  const isTold = !negate && (typeof defaultValue === 'string' || typeof defaultValue === 'number');
  return [code(flags), `${choices}${description}`, isTold ? code(String(defaultValue)) : ''];
}
