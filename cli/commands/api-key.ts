import { Command, InvalidArgumentError, Option } from 'commander';
import type { Answer, components, Init } from '../client/index.ts';
import type { Context } from '../context.ts';
import type { Column } from '../output/printer.ts';
import { given, group, wholeNumber, type MakeCommand } from './command.ts';
import { assertMayShow } from './credentials/read.ts';

type ApiKey = components['schemas']['ApiKey'];
type CreateBody = NonNullable<Init<'/v1/api-keys', 'post'>>['body'];
type Life = number | 'never';

const columns: readonly Column<ApiKey>[] = [
  { name: 'id', value: ({ id }) => id },
  { name: 'tenant', value: ({ tenant }) => tenant ?? 'operators' },
  { name: 'name', value: ({ name }) => name },
  { name: 'scopes', value: ({ scopes }) => scopes.join(', ') },
  { name: 'expires', value: ({ expiresAt }) => expiresAt ?? 'never' },
  { name: 'last used', value: ({ lastUsed }) => lastUsed?.at ?? '' },
  { name: 'replaced by', value: ({ replacedBy }) => replacedBy },
];

const list: MakeCommand = (context) =>
  new Command('list')
    .description('List API keys, with when they were used last.')
    .option('--tenant <tenant>', 'for operators: the keys of this tenant')
    .action(async (query: { tenant?: string }) => {
      const { items } = await context.client().get('/v1/api-keys', { params: { query }, signal: context.signal });
      await context.print().rows(columns, items);
    });

function life(text: string): Life {
  if (text === 'never') return text;
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1) throw new InvalidArgumentError('It must be a number of days, or "never".');
  return days;
}

const expiry = (): Option => new Option('--expires-in-days <days>', 'or "never"').argParser(life);
const show = (): Option => new Option('--show', 'also where the key appears on the terminal');

/** The key itself is the output; the words about it are not. */
async function printKey({ terminal }: Context, { key, apiKey }: Answer<'/v1/api-keys', 'post'>): Promise<void> {
  await terminal.out(`${key}\n`);
  terminal.say(`The key ${apiKey.id} was made; it is shown only here. It expires: ${apiKey.expiresAt ?? 'never'}.`);
}

interface CreateOptions {
  readonly name: string;
  readonly scope: CreateBody['scopes'];
  readonly tenant?: string;
  readonly tenantDisplayName?: string;
  readonly expiresInDays?: Life;
  readonly address?: string[];
  readonly show?: boolean;
}

const create: MakeCommand = (context) =>
  new Command('create')
    .description('Make an API key; the output is the key.')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--scope <scopes...>', 'what it may do, e.g. connections:read')
    .option('--tenant <tenant>', 'for operators: whose key it is')
    .option('--tenant-display-name <name>', 'for operators: makes the tenant where it is new')
    .addOption(expiry())
    .option('--address <networks...>', 'where it may be used from')
    .addOption(show())
    .action(async ({ scope, address, show: isShown, ...more }: CreateOptions) => {
      // Before the key is made: it is shown only once.
      assertMayShow(context, 'The key', isShown);
      const body = { ...more, scopes: scope, ...given({ allowedAddresses: address }) };
      await printKey(context, await context.client().post('/v1/api-keys', { body, signal: context.signal }));
    });

const roll: MakeCommand = (context) =>
  new Command('roll')
    .description('Replace an API key by a new one; the old one stays valid for a while. The output is the key.')
    .argument('<id>', 'as "mooring api-key list" has it')
    .addOption(new Option('--overlap-hours <hours>', 'how long the old key stays valid').argParser(wholeNumber))
    .addOption(expiry())
    .addOption(show())
    .action(async (id: string, { show: isShown, ...body }: RollOptions) => {
      assertMayShow(context, 'The key', isShown);
      const init = { params: { path: { id } }, body, signal: context.signal };
      await printKey(context, await context.client().post('/v1/api-keys/{id}/rotate', init));
    });

interface RollOptions {
  readonly overlapHours?: number;
  readonly expiresInDays?: Life;
  readonly show?: boolean;
}

const revoke: MakeCommand = (context) =>
  new Command('revoke')
    .description('Revoke an API key at once.')
    .argument('<id>', 'as "mooring api-key list" has it')
    .option('--yes', 'do not ask')
    .action(async (id: string, options: { yes?: boolean }) => {
      await context.confirm(`Revoke the API key ${id}; whatever uses it stops working`, options);
      await context.client().delete('/v1/api-keys/{id}', { params: { path: { id } }, signal: context.signal });
      context.terminal.say(`The API key ${id} is revoked.`);
    });

export const apiKey = group('api-key', 'API keys.', [list, create, roll, revoke]);
