import { Command, InvalidArgumentError } from 'commander';
import type { Context } from '../context.ts';
import { cliProblems } from '../errors.ts';

/** A command, or a group of them, for the tree. `program` is the whole of it. */
export type MakeCommand = (context: Context, program: Command) => Command;

/** A noun with its verbs. */
export const group =
  (name: string, description: string, children: readonly MakeCommand[]): MakeCommand =>
  (context, program) => {
    const command = new Command(name).description(description);
    for (const child of children) command.addCommand(child(context, program));
    return command;
  };

/** For options that may be given several times. */
export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

/** For options that take a whole number. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** `name=value` pairs as an object; a value may hold further equals signs. */
export function pairs(texts: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw cliProblems.usage(`"${text}" is not NAME=VALUE.`, 'Write a name, an equals sign and a value.');
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** Leaves out what is undefined: with exact optional properties it is not the same as absent. */
export const given = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
