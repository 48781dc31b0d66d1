import { Command } from 'commander';
import { MooringError, type MooringClient } from '../client/index.ts';
import { isLocalProfile } from '../config/local-stack.ts';
import type { Context } from '../context.ts';
import { cliProblems } from '../errors.ts';
import type { MakeCommand } from './command.ts';
import { askForKey, storeProfile, without } from './profile.ts';

const DEFAULT_PROFILE = 'default';

export const login: MakeCommand = (context) =>
  new Command('login')
    .description('Keep the key of an installation in a profile. It is read from MOORING_API_KEY, a pipe, or typed.')
    .action(async () => {
      const { terminal, environment, config, globals } = context;
      const url = globals().url ?? (environment['MOORING_URL'] || (await askForUrl(context)));
      const name = globals().profile ?? DEFAULT_PROFILE;
      const apiKey = await askForKey(context);
      await assertAccepted(context.clientFor(url, apiKey), context.signal);
      storeProfile(context, name, { url, apiKey });
      terminal.say(`Signed in to ${url}. The profile "${name}" is in ${config.path}, which only you can read.`);
      if (isOpen(url)) terminal.say('warning: the URL is not https: others on the way can read the key.');
    });

async function askForUrl({ terminal, canAsk }: Context): Promise<string> {
  if (!canAsk()) throw cliProblems.needsInput('The URL', 'Give it with --url, or set MOORING_URL.');
  return (await terminal.ask('URL of the installation: ')).trim();
}

/** Any operation shows whether the key is valid: 403 says that it may not do this one. */
async function assertAccepted(client: MooringClient, signal: AbortSignal): Promise<void> {
  try {
    await client.get('/v1/providers', { signal });
  } catch (error) {
    if (!(error instanceof MooringError && error.code === 'insufficient_scope')) throw error;
  }
}

function isOpen(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}

export const logout: MakeCommand = (context) =>
  new Command('logout')
    .description('Remove the profile with its key. The key stays valid: "mooring api-key revoke" ends it.')
    .action(() => {
      const config = context.config.read();
      const name = context.globals().profile ?? config.current;
      if (name === null || isLocalProfile(name) || !Object.hasOwn(config.profiles, name)) {
        throw cliProblems.notSignedIn('There is no profile to sign out of.');
      }
      context.config.write(without(config, name));
      context.terminal.say(`The profile "${name}" is removed.`);
    });

export const whoami: MakeCommand = (context) =>
  new Command('whoami').description('The key that is used, and what it may do.').action(async () => {
    const { url, apiKey, source } = context.target();
    if (apiKey === undefined) throw cliProblems.notSignedIn(`There is no API key for ${url}.`);
    const client = context.client();
    await assertAccepted(client, context.signal);
    const id = apiKey.split('_')[1] ?? '';
    const key = await ownKey(client, id, context.signal);
    await context.print().one(
      [
        { name: 'url', value: (row) => row.url },
        { name: 'from', value: (row) => row.from },
        { name: 'key', value: (row) => row.key },
        { name: 'tenant', value: (row) => row.tenant },
        { name: 'name', value: (row) => row.name },
        { name: 'scopes', value: (row) => row.scopes?.join(', ') },
        { name: 'expires', value: (row) => row.expiresAt },
      ],
      {
        url,
        from: source,
        key: id,
        tenant: key && (key.tenant ?? 'operators'),
        name: key?.name,
        scopes: key?.scopes,
        expiresAt: key && (key.expiresAt ?? 'never'),
      },
    );
    if (!key)
      context.terminal.say('The key is valid. What it may do is told only to keys with the scope "keys:write".');
  });

async function ownKey(client: MooringClient, id: string, signal: AbortSignal) {
  try {
    return (await client.get('/v1/api-keys', { signal })).items.find((item) => item.id === id);
  } catch (error) {
    if (error instanceof MooringError && error.code === 'insufficient_scope') return undefined;
    throw error;
  }
}
