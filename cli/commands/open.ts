import { Command } from 'commander';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { MakeCommand } from './command.ts';

export const open: MakeCommand = (context) =>
  new Command('open')
    .description('Open the API’s reference in the browser, or where the problem of a connection is solved.')
    .argument('[id]', 'the connection')
    .action(async (id: string | undefined) => {
      const url = id === undefined ? `${context.target().url.replace(/\/$/, '')}/docs` : await remedyOf(context, id);
      await context.terminal.out(`${url}\n`);
      if (!(await context.openInBrowser(url))) context.terminal.say('No browser could be started: open it yourself.');
    });

async function remedyOf({ client, signal }: Context, id: string): Promise<string> {
  const connection = await client().get('/v1/connections/{id}', { params: { path: { id } }, signal });
  const link = connection.problem?.link;
  // What opens it decides by the scheme: only web pages are opened.
  if (link !== undefined && /^https?:/.test(link)) return link;
  throw new CliError({
    code: 'nothing_to_open',
    message: connection.problem
      ? `The remedy for the problem of ${id} is on no page: ${connection.problem.remedy}`
      : `${id} has no problem.`,
    remedy: `Read it with "mooring connection get ${id}", or make a link with "mooring connection invite --open".`,
  });
}
