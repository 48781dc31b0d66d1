import { Command } from 'commander';
import type { Context } from '../context.ts';
import { profileOf, type Config } from '../config/file.ts';
import { isLocalProfile } from '../config/local-stack.ts';
import { cliProblems } from '../errors.ts';
import { group, type MakeCommand } from './command.ts';

const list: MakeCommand = (context) =>
  new Command('list').description('List the profiles.').action(async () => {
    const { current, profiles } = context.config.read();
    // The keys stay in the file.
    const rows = Object.entries(profiles).map(([name, { url }]) => ({ name, url, current: name === current }));
    await context.print().rows(
      [
        { name: 'name', value: ({ name }) => name },
        { name: 'url', value: ({ url }) => url },
        { name: 'current', value: (row) => (row.current ? '*' : '') },
      ],
      rows,
    );
  });

const use: MakeCommand = (context) =>
  new Command('use')
    .description('Use this profile where none is named.')
    .argument('<name>')
    .action((name: string) => {
      const config = context.config.read();
      profileOf(config, name);
      context.config.write({ ...config, current: name });
      context.terminal.say(`The current profile is "${name}".`);
    });

const set: MakeCommand = (context) =>
  new Command('set')
    .description('Write a profile without trying it. The key is read from MOORING_API_KEY, a pipe, or typed.')
    .argument('<name>')
    .argument('<url>')
    .action(async (name: string, url: string) => {
      storeProfile(context, name, { url, apiKey: await askForKey(context) });
      context.terminal.say(`The profile "${name}" is in ${context.config.path}.`);
    });

const remove: MakeCommand = (context) =>
  new Command('delete')
    .description('Remove a profile with its key. The key stays valid: "mooring api-key revoke" ends it.')
    .argument('<name>')
    .action((name: string) => {
      const config = context.config.read();
      profileOf(config, name);
      context.config.write(without(config, name));
      context.terminal.say(`The profile "${name}" is removed.`);
    });

export const profile = group('profile', 'Installations, each with its key.', [list, use, set, remove]);

export function without({ current, profiles }: Config, name: string): Config {
  const kept = Object.entries(profiles).filter(([other]) => other !== name);
  return { current: current === name ? null : current, profiles: Object.fromEntries(kept) };
}

/** Throws where the name cannot be one. The first profile becomes the current one. */
export function storeProfile({ config }: Context, name: string, added: Config['profiles'][string]): void {
  if (!/^[\w.-]{1,64}$/.test(name) || isLocalProfile(name) || name === '__proto__') {
    throw cliProblems.usage(
      `"${name}" cannot be the name of a profile.`,
      'Use letters, digits, dots and dashes; "local" and "local-operator" are taken.',
    );
  }
  const { current, profiles } = config.read();
  config.write({ current: current ?? name, profiles: { ...profiles, [name]: added } });
}

const KEY = /^mrg_[\w-]+$/;

/** Never as an argument: those can be read by every user of the machine, and stay in the shell's history. */
export async function askForKey({ environment, terminal, canAsk }: Context): Promise<string> {
  const found = environment['MOORING_API_KEY'] || (await terminal.input()) || (await typed());
  const key = found.trim();
  if (KEY.test(key)) return key;
  throw cliProblems.usage('What was given is not an API key.', 'A key begins with "mrg_"; copy it again in full.');

  async function typed(): Promise<string> {
    if (!canAsk()) throw cliProblems.needsInput('The API key', 'Pipe it in, or set MOORING_API_KEY.');
    return await terminal.ask('API key (it does not appear): ', { hidden: true });
  }
}
