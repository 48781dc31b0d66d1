import { Command, Option } from 'commander';
import type { components } from '../client/index.ts';
import type { Column } from '../output/printer.ts';
import { given, group, wholeNumber, type MakeCommand } from './command.ts';
import { printAnswer, printList } from './lists.ts';

type Line = components['schemas']['AuditLine'];

const columns: readonly Column<Line>[] = [
  { name: 'at', value: ({ at }) => at },
  { name: 'actor', value: ({ actor }) => actor && `${actor.kind} ${actor.id}` },
  { name: 'action', value: ({ action }) => action },
  { name: 'to', value: ({ connection, target }) => connection ?? target },
  { name: 'outcome', value: ({ outcome }) => outcome },
  { name: 'status', value: ({ status }) => status },
  { name: 'count', value: ({ count }) => count },
  { name: 'address', value: ({ address }) => address },
  { name: 'request', value: ({ requestId }) => requestId },
];

interface Period {
  readonly from?: string;
  readonly to?: string;
}

const withPeriod = (command: Command): Command =>
  command
    .option('--from <time>', 'recorded from then on, e.g. 2026-11-01T00:00:00Z')
    .option('--to <time>', 'recorded until then');

interface ListOptions extends Period {
  readonly actor?: string;
  readonly action?: string;
  readonly connection?: string;
  readonly outcome?: Line['outcome'];
  readonly limit?: number;
}

const list: MakeCommand = (context) =>
  withPeriod(new Command('list').description('Who did what.'))
    .option('--actor <id>', 'e.g. the id of an API key')
    .option('--action <operation>', 'e.g. disconnect')
    .option('--connection <id>')
    .addOption(new Option('--outcome <outcome>').choices(['done', 'refused', 'failed']))
    .addOption(new Option('--limit <rows>', '0 = all; default: 100 on a terminal').argParser(wholeNumber))
    .action(async ({ limit, ...filters }: ListOptions) => {
      const query = { ...given(filters), limit: 200 };
      const rows = context.client().paginate('/v1/audit', { params: { query }, signal: context.signal });
      await printList(context, columns, rows, limit);
    });

const exported: MakeCommand = (context) =>
  withPeriod(new Command('export').description('Write the audit record, to be kept or verified.'))
    .addOption(new Option('--format <format>').choices(['jsonl', 'otlp']).default('jsonl'))
    .action(async (options: Period & { readonly format: string }) => {
      const request = { query: { ...options }, signal: context.signal };
      await printAnswer(context, await context.client().request('GET', '/v1/audit/export', request));
    });

export const audit = group('audit', 'Who did what.', [list, exported]);
