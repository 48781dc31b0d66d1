import { Command, Option } from 'commander';
import type { EventsOptions } from '../client/index.ts';
import { given, group, type MakeCommand } from './command.ts';
import { printEvents } from './connection/read.ts';

interface Options {
  readonly connection?: string;
  readonly from: NonNullable<EventsOptions['from']>;
  readonly after?: string;
}

const tail: MakeCommand = (context) =>
  new Command('tail')
    .description('Show events as they happen, until Ctrl-C. With -o ndjson each has the id to resume behind.')
    .option('--connection <id>', 'of this connection alone')
    .addOption(new Option('--from <place>', 'where to begin').choices(['now', 'oldest']).default('now'))
    .option('--after <event>', 'resume behind the event with this id')
    .action(async ({ connection, from, after }: Options) => {
      const options = { ...given({ connection, lastEventId: after }), from, signal: context.signal };
      await printEvents(context, context.client().events(options));
    });

export const event = group('event', 'What happens.', [tail]);
