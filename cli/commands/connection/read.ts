import { Command, Option } from 'commander';
import type { Connection, MooringEvent } from '../../client/index.ts';
import type { Context } from '../../context.ts';
import { createPrinter, type Column } from '../../output/printer.ts';
import { connectionColumns } from '../columns.ts';
import { collect, given, wholeNumber, type MakeCommand } from '../command.ts';
import { printConnection, waitUntil } from '../connect.ts';
import { printList } from '../lists.ts';

interface ListOptions {
  readonly status?: Connection['status'][];
  readonly provider?: string;
  readonly region?: string;
  readonly method?: string;
  readonly reason?: string;
  readonly tag?: string;
  readonly limit?: number;
}

export const list: MakeCommand = (context) =>
  new Command('list')
    .description('List connections, newest first.')
    .option('--status <status>', 'may be given several times', collect)
    .option('--provider <provider>')
    .option('--region <region>')
    .option('--method <method>')
    .option('--reason <code>', 'the code of the present problem')
    .option('--tag <tag>')
    .addOption(new Option('--limit <rows>', '0 = all; default: 100 on a terminal').argParser(wholeNumber))
    .action(async ({ limit, ...filters }: ListOptions) => {
      const query = { ...given(filters), limit: 200 };
      const rows = context.client().paginate('/v1/connections', { params: { query }, signal: context.signal });
      await printList(context, connectionColumns, rows, limit);
    });

export const get: MakeCommand = (context) =>
  new Command('get')
    .description('Show a connection: its state, what it waits for, and what to do.')
    .argument('<id>', 'the connection')
    .action(async (id: string) => {
      const init = { params: { path: { id } }, signal: context.signal };
      await printConnection(context, await context.client().get('/v1/connections/{id}', init));
    });

const eventColumns: readonly Column<MooringEvent>[] = [
  { name: 'at', value: ({ data }) => data.at },
  { name: 'about', value: ({ data }) => data.connection ?? data.batch },
  { name: 'event', value: ({ data }) => data.event },
  { name: 'by', value: ({ data }) => data.by?.id },
  { name: 'text', value: ({ data }) => data.text },
];

interface WatchOptions {
  readonly until?: Connection['status'][];
  readonly timeout: number;
}

export const watch: MakeCommand = (context) =>
  new Command('watch')
    .description('Show what happens to a connection, as it happens; with --until, wait for a status.')
    .argument('<id>', 'the connection')
    .option('--until <status>', 'end when it has this status; may be given several times', collect)
    .addOption(new Option('--timeout <seconds>', 'how long --until waits').default(600).argParser(wholeNumber))
    .action(async (id: string, { until, timeout }: WatchOptions) => {
      const client = context.client();
      if (until) return await printConnection(context, await waitUntil(context, id, until, timeout));
      // An unknown id is told at once, and not by silence.
      await client.get('/v1/connections/{id}', { params: { path: { id } }, signal: context.signal });
      await printEvents(context, client.events({ connection: id, signal: context.signal }));
    });

/** Line by line, as it comes: a table or a JSON list would wait for the end of the stream. */
export async function printEvents(context: Context, events: AsyncIterable<MooringEvent>): Promise<void> {
  const { terminal } = context;
  const { json, output } = context.globals();
  const asJson = json !== undefined || output === 'json' || output === 'ndjson';
  async function* shown(): AsyncGenerator<MooringEvent> {
    for await (const event of events) {
      if (event.type === 'gap') terminal.say(event.data.text ?? 'Events may be missing.');
      if (asJson || event.type === 'event') yield event;
    }
  }
  const printer = createPrinter(terminal, { ...given({ json }), output: asJson ? 'ndjson' : 'tsv' });
  await printer.rows(eventColumns, shown());
}

export const timeline: MakeCommand = (context) =>
  new Command('timeline')
    .description('What has happened to a connection, and who asked for it.')
    .argument('<id>', 'the connection')
    .action(async (id: string) => {
      const init = { params: { path: { id } }, signal: context.signal };
      const { items } = await context.client().get('/v1/connections/{id}/timeline', init);
      await context.print().rows(
        [
          { name: 'at', value: ({ at }) => at },
          { name: 'event', value: ({ event }) => event },
          { name: 'by', value: ({ by }) => by && `${by.kind} ${by.id}` },
          { name: 'text', value: ({ text }) => text },
        ],
        items,
      );
    });

export const guide: MakeCommand = (context) =>
  new Command('guide')
    .description('What the customer must do at the cloud, and which values are to be submitted.')
    .argument('<id>', 'the connection')
    .action(async (id: string) => {
      const init = { params: { path: { id } }, signal: context.signal };
      const answer = await context.client().get('/v1/connections/{id}/guide', init);
      const print = context.print();
      if (!print.isForPeople) return await print.one([{ name: 'asks', value: ({ asks }) => asks }], answer);
      const { terminal } = context;
      await terminal.out(`${answer.asks}\n`);
      for (const { title, text } of answer.blocks) {
        await terminal.out(`\n${terminal.style('bold', title)}\n${text}\n`);
      }
      const fields = [...answer.fields, ...answer.variants.flatMap((variant) => variant.fields)];
      if (fields.length === 0) return;
      terminal.say('\nValues for "mooring connection submit":');
      await print.rows(
        [
          { name: 'field', value: ({ name }) => name },
          { name: 'what it is', value: ({ label, hint }) => `${label}. ${hint}` },
          { name: 'required', value: ({ required }) => (required ? 'yes' : 'no') },
          { name: 'secret', value: ({ secret }) => (secret ? 'yes' : 'no') },
        ],
        fields,
      );
    });
