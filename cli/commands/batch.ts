import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { Answer, components, Init } from '../client/index.ts';
import type { Context } from '../context.ts';
import { cliProblems } from '../errors.ts';
import type { Column } from '../output/printer.ts';
import { collect, given, group, wholeNumber, type MakeCommand } from './command.ts';
import { printList } from './lists.ts';

type Batch = components['schemas']['Batch'];
type CreateBody = NonNullable<Init<'/v1/batches', 'post'>>['body'];
type ItemsBody = NonNullable<Init<'/v1/batches/{id}/items', 'post'>>['body'];

const details: readonly Column<Batch>[] = [
  { name: 'id', value: ({ id }) => id },
  { name: 'name', value: ({ name }) => name },
  { name: 'provider', value: ({ provider, region, method }) => `${provider} ${region} (${method})` },
  { name: 'status', value: ({ status }) => status },
  { name: 'items', value: ({ items }) => items },
  {
    name: 'outcomes',
    value: ({ counts }) =>
      Object.entries(counts)
        .filter(([, count]) => count > 0)
        .map(([outcome, count]) => `${outcome} ${count}`)
        .join(', '),
  },
  {
    name: 'setup',
    value: ({ setup }) =>
      Object.entries(setup)
        .map((entry) => entry.join(' '))
        .join(', '),
  },
  { name: 'takes items until', value: ({ closesAt }) => closesAt },
];

interface CreateOptions {
  readonly region: string;
  readonly method?: string;
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly concurrency?: number;
  readonly items?: string;
}

const ITEMS = 'a JSON file with "items" or "from", and "common"; - is standard input';

const create: MakeCommand = (context) =>
  new Command('create')
    .description('Connect many accounts of one cloud.')
    .argument('<provider>')
    .requiredOption('--region <region>')
    .option('--method <method>')
    .option('--name <name>')
    .option('--tag <tag>', 'of its connections; may be given several times', collect)
    .addOption(new Option('--concurrency <items>', 'how many at once').argParser(wholeNumber))
    .option('--items <file>', ITEMS)
    .action(async (provider: string, { items, tag, ...options }: CreateOptions) => {
      const body = {
        provider,
        ...options,
        ...(tag && { tags: [...tag] }),
        ...(items !== undefined && (await itemsOf(context, items))),
      } as CreateBody;
      await context.print().one(details, await context.client().post('/v1/batches', { body, signal: context.signal }));
    });

const add: MakeCommand = (context) =>
  new Command('add')
    .description('Add accounts to a batch.')
    .argument('<id>', 'the batch')
    .requiredOption('--items <file>', ITEMS)
    .action(async (id: string, { items }: { items: string }) => {
      const body = (await itemsOf(context, items)) as ItemsBody;
      const init = { params: { path: { id } }, body, signal: context.signal };
      await context.print().one(details, await context.client().post('/v1/batches/{id}/items', init));
    });

/** The items may hold secrets, so they come from a file or a pipe, and no parser's message quotes them. */
async function itemsOf({ terminal }: Context, path: string): Promise<object> {
  const text = path === '-' ? await terminal.input() : readFileSync(path, 'utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Answered below.
  }
  throw cliProblems.usage('The items are no JSON object.', 'docs/batches.md shows what they look like.');
}

const get: MakeCommand = (context) =>
  new Command('get')
    .description('How far a batch is.')
    .argument('<id>', 'the batch')
    .action(async (id: string) => {
      const init = { params: { path: { id } }, signal: context.signal };
      await context.print().one(details, await context.client().get('/v1/batches/{id}', init));
    });

type ItemsPage = Answer<'/v1/batches/{id}/items', 'get'>;
type Outcome = ItemsPage['items'][number]['outcome'];

const items: MakeCommand = (context) =>
  new Command('items')
    .description('List the accounts of a batch, with the outcome of each.')
    .argument('<id>', 'the batch')
    .option('--outcome <outcome>', 'e.g. refused')
    .addOption(new Option('--limit <rows>', '0 = all; default: 100 on a terminal').argParser(wholeNumber))
    .action(async (id: string, { outcome, limit }: { outcome?: Outcome; limit?: number }) => {
      const client = context.client();
      async function* all(): AsyncGenerator<ItemsPage['items'][number]> {
        for (let from: number | null = 0; from !== null;) {
          const query = { ...given({ outcome }), from, limit: 200 };
          const init = { params: { path: { id }, query }, signal: context.signal };
          const page: ItemsPage = await client.get('/v1/batches/{id}/items', init);
          yield* page.items;
          from = page.next;
        }
      }
      const columns: readonly Column<ItemsPage['items'][number]>[] = [
        { name: 'index', value: ({ index }) => index },
        { name: 'account', value: ({ label }) => label },
        { name: 'outcome', value: ({ outcome: word }) => word },
        { name: 'connection', value: ({ connection }) => connection },
        { name: 'problem', value: ({ problem }) => problem?.message },
      ];
      await printList(context, columns, all(), limit);
    });

const cancel: MakeCommand = (context) =>
  new Command('cancel')
    .description('Begin no further item; what has begun goes on.')
    .argument('<id>', 'the batch')
    .option('--yes', 'do not ask')
    .action(async (id: string, options: { yes?: boolean }) => {
      await context.confirm(`Cancel the batch ${id}`, options);
      const init = { params: { path: { id } }, signal: context.signal };
      await context.print().one(details, await context.client().post('/v1/batches/{id}/cancel', init));
    });

export const batch = group('batch', 'Many accounts at once.', [create, add, get, items, cancel]);
