import { Command, Option } from 'commander';
import type { components } from '../client/index.ts';
import type { Column } from '../output/printer.ts';
import { given, group, wholeNumber, type MakeCommand } from './command.ts';
import { printAnswer, printList } from './lists.ts';

interface Filters {
  readonly kind?: string;
  readonly project?: string;
  readonly region?: string;
  readonly status?: string;
  readonly tag?: string;
  readonly text?: string;
  readonly provider?: string;
}

const withFilters = (command: Command): Command =>
  command
    .option('--connection <id>', 'of this connection alone; else of all')
    .option('--kind <kind>', 'e.g. instance')
    .option('--project <project>')
    .option('--region <region>')
    .option('--status <status>', 'in the words of the cloud')
    .option('--tag <tag>', 'a name, or name=value')
    .option('--text <text>', 'anywhere in id, name, tags or summary')
    .option('--provider <provider>');

const columns: readonly Column<components['schemas']['Resource']>[] = [
  { name: 'kind', value: ({ kind }) => kind },
  { name: 'name', value: ({ name }) => name },
  { name: 'region', value: ({ region, zone }) => zone ?? region },
  { name: 'status', value: ({ status }) => status },
  { name: 'project', value: ({ project }) => project },
  { name: 'connection', value: ({ connection }) => connection },
  { name: 'id', value: ({ id }) => id },
];

const list: MakeCommand = (context) =>
  withFilters(new Command('list').description('List what was found in connected accounts.'))
    .addOption(new Option('--limit <rows>', '0 = all; default: 100 on a terminal').argParser(wholeNumber))
    .action(async ({ connection, limit, ...filters }: Filters & { connection?: string; limit?: number }) => {
      const client = context.client();
      const { signal } = context;
      const query = { ...given(filters), limit: 1000 };
      const rows =
        connection === undefined
          ? client.paginate('/v1/resources', { params: { query }, signal })
          : client.paginate('/v1/connections/{id}/resources', {
              params: { path: { id: connection }, query },
              signal,
            });
      await printList(context, columns, rows, limit);
    });

const exported: MakeCommand = (context) =>
  withFilters(new Command('export').description('Write all resources as NDJSON or CSV.'))
    .addOption(new Option('--format <format>').choices(['ndjson', 'csv']).default('ndjson'))
    .action(async ({ connection, format, ...query }: Filters & { connection?: string; format: string }) => {
      const place = connection === undefined ? '' : `/connections/${encodeURIComponent(connection)}`;
      const options = { query: { ...query }, signal: context.signal };
      await printAnswer(context, await context.client().request('GET', `/v1${place}/resources.${format}`, options));
    });

export const resource = group('resource', 'What was found in connected accounts.', [list, exported]);

const get: MakeCommand = (context) =>
  new Command('get')
    .description('What is known of an account, by kind, and how fresh it is.')
    .argument('<id>', 'the connection')
    .action(async (id: string) => {
      const init = { params: { path: { id } }, signal: context.signal };
      const inventoryOf = await context.client().get('/v1/connections/{id}/inventory', init);
      await context.print().rows(
        [
          { name: 'kind', value: ({ kind }) => kind },
          { name: 'resources', value: ({ resources }) => resources },
          { name: 'listed', value: ({ listedAt }) => listedAt ?? 'never' },
          { name: 'stale lists', value: ({ stale }) => stale },
          { name: 'missing rights', value: ({ missing }) => missing.join(', ') },
        ],
        inventoryOf.kinds,
      );
    });

export const inventory = group('inventory', 'What is known of an account.', [get]);
