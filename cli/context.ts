import { createMooringClient, type MooringClient } from './client/index.ts';
import type { ConfigFile, Profile } from './config/file.ts';
import type { LocalProfile } from './config/local-stack.ts';
import { resolveTarget, type Target } from './config/target.ts';
import { cliProblems } from './errors.ts';
import { createPrinter, type OutputOptions, type Printer } from './output/printer.ts';
import type { Terminal } from './terminal.ts';

/** Options that every command has. */
export interface GlobalOptions extends OutputOptions {
  readonly url?: string;
  readonly profile?: string;
  /** False with --no-input. */
  readonly input: boolean;
}

export interface Dependencies {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  readonly config: ConfigFile;
  readonly localStack: (name: LocalProfile) => Profile | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly version: string;
  /** Runs a program in the place of this one; resolves with its exit code. */
  readonly runChild: (
    command: readonly string[],
    environment: Readonly<Record<string, string | undefined>>,
  ) => Promise<number>;
  readonly openInBrowser: (url: string) => Promise<boolean>;
}

/** What commands are given. */
export interface Context extends Dependencies {
  readonly globals: () => GlobalOptions;
  readonly target: () => Target;
  /** For the target. Throws `CliError` where there is no key for it. */
  readonly client: () => MooringClient;
  readonly clientFor: (url: string, apiKey: string | undefined) => MooringClient;
  readonly print: () => Printer;
  /** True where a question can be asked. */
  readonly canAsk: () => boolean;
  /** Asks before something is destroyed. Throws `CliError` where the answer is not yes. */
  readonly confirm: (what: string, options: { readonly yes?: boolean }) => Promise<void>;
  /** What a command that succeeds otherwise ends with, e.g. the exit code of a child. */
  readonly exitWith: (code: number) => void;
}

export function createContext(
  dependencies: Dependencies,
  globals: () => GlobalOptions,
  exitWith: (code: number) => void,
): Context {
  const { environment, terminal, config, localStack, version } = dependencies;
  const canAsk = (): boolean => terminal.canAsk && globals().input;
  const target = (): Target =>
    resolveTarget({ options: globals(), environment, config: () => config.read(), localStack });
  const clientFor = (url: string, apiKey: string | undefined): MooringClient =>
    createMooringClient({ url, userAgent: `mooring-cli/${version}`, ...(apiKey !== undefined && { apiKey }) });
  return {
    ...dependencies,
    globals,
    target,
    clientFor,
    client() {
      const { url, apiKey } = target();
      if (apiKey === undefined) throw cliProblems.notSignedIn(`There is no API key for ${url}.`);
      return clientFor(url, apiKey);
    },
    print: () => createPrinter(terminal, globals()),
    canAsk,
    async confirm(what, { yes = false }) {
      if (yes) return;
      if (!canAsk()) throw cliProblems.needsYes(what);
      const answer = await terminal.ask(`${what}? [y/N] `);
      if (!/^y(es)?$/i.test(answer.trim())) throw cliProblems.cancelled();
    },
    exitWith,
  };
}
