import type { Client } from './client.ts';
import { helpFlag, type Flag, type FlagValues } from './flags.ts';

export interface RunContext {
  readonly client: Client;
  readonly flags: FlagValues;
  readonly ignoreErrors: boolean;
}

export interface Command {
  readonly name: string;
  readonly short: string;
  readonly aliases?: readonly string[];
  /** Known to this command and to all below it. */
  readonly flags?: readonly Flag[];
  readonly commands?: readonly Command[];
  readonly run?: (context: RunContext) => Promise<void> | void;
  /** Runs without credentials too. */
  readonly withoutClient?: boolean;
}

/** A command and those above it, outermost first. */
export type CommandPath = readonly [Command, ...Command[]];

/** The deepest command that the arguments name, and the arguments that are left. */
export function findCommand(
  root: Command,
  args: readonly string[],
): { readonly path: CommandPath; readonly rest: string[] } {
  let path: CommandPath = [root];
  const rest = [...args];
  for (let index = 0; index < rest.length; index++) {
    const arg = rest[index] ?? '';
    if (arg.startsWith('-')) continue;
    const next = path.at(-1)?.commands?.find((one) => one.name === arg || one.aliases?.includes(arg));
    if (next === undefined) break;
    path = [...path, next];
    rest.splice(index--, 1);
  }
  return { path, rest };
}

const NAME_COLUMN = 11;

export const commandPath = (path: CommandPath): string => path.map((command) => command.name).join(' ');
const leaf = (path: CommandPath): Command => path.at(-1) ?? path[0];

export const localFlags = (path: CommandPath): Flag[] => [...(leaf(path).flags ?? []), helpFlag(leaf(path).name)];
export const inheritedFlags = (path: CommandPath): Flag[] => path.slice(0, -1).flatMap((above) => above.flags ?? []);

export const help = (path: CommandPath): string => `${leaf(path).short}\n\n${usage(path)}`;

export function usage(path: CommandPath): string {
  const command = leaf(path);
  const name = commandPath(path);
  const children = command.commands ?? [];
  const width = Math.max(NAME_COLUMN, ...children.map((child) => child.name.length));
  const sections = [
    `Usage:\n  ${command.run ? `${name} [flags]` : `${name} [command]`}`,
    command.aliases && `Aliases:\n  ${[command.name, ...command.aliases].join(', ')}`,
    children.length > 0 &&
      `Available Commands:\n${children.map((child) => `  ${child.name.padEnd(width)} ${child.short}`).join('\n')}`,
    `Flags:\n${flagLines(localFlags(path))}`,
    path.length > 1 && `Global Flags:\n${flagLines(inheritedFlags(path))}`,
    children.length > 0 && `Use "${name} [command] --help" for more information about a command.`,
  ];
  return `${sections.filter((section) => typeof section === 'string').join('\n\n')}\n`;
}

function flagLines(flags: readonly Flag[]): string {
  const sorted = flags.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const heads = sorted.map(({ name, shorthand, type }) => {
    const short = shorthand === undefined ? '      ' : `  -${shorthand}, `;
    return `${short}--${name}${type === 'bool' ? '' : ` ${type}`}`;
  });
  const width = Math.max(...heads.map((head) => head.length)) + 3;
  return sorted
    .map((flag, index) => (heads[index] ?? '').padEnd(width) + flag.usage.replaceAll('\n', `\n${' '.repeat(width)}`))
    .join('\n');
}
