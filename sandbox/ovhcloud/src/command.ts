import type { Client } from './client.ts';
import type { Flag, FlagValues } from './flags.ts';
import type { OutputFormat } from './output.ts';

export interface RunContext {
  readonly client: Client;
  readonly args: readonly string[];
  readonly flags: FlagValues;
  readonly output: OutputFormat;
  readonly ignoreErrors: boolean;
}

export interface Command {
  readonly name: string;
  readonly short: string;
  /** What follows the name in the usage line, e.g. `<instance_id>`; its presence asks for exactly one argument. */
  readonly argument?: string;
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
