import { Command, Option } from 'commander';
import type { Context } from '../../context.ts';
import { cliProblems } from '../../errors.ts';
import { wholeNumber, type MakeCommand } from '../command.ts';
import { linkTerms, printConnection, printLink, waitUntil, withLinkOptions } from '../connect.ts';

type LinkOptions = Parameters<typeof linkTerms>[0] & { readonly open?: boolean };

export const invite: MakeCommand = (context) =>
  withLinkOptions(new Command('invite').description('Make a new link; the one before it stops working.'))
    .argument('<id>', 'the connection')
    .action(async (id: string, options: LinkOptions) => {
      const init = { params: { path: { id } }, body: linkTerms(options), signal: context.signal };
      await printLink(context, await context.client().post('/v1/connections/{id}/invitation', init), options);
    });

export const reauthorize: MakeCommand = (context) =>
  withLinkOptions(new Command('reauthorize').description('Make a link to sign in again; nothing is deleted.'))
    .argument('<id>', 'the connection')
    .option('--allow-different-account', 'another account than before may come in')
    .action(async (id: string, options: LinkOptions & { readonly allowDifferentAccount?: boolean }) => {
      const allowed = options.allowDifferentAccount === true && { allowDifferentAccount: true };
      const init = { params: { path: { id } }, body: { ...linkTerms(options), ...allowed }, signal: context.signal };
      await printLink(context, await context.client().post('/v1/connections/{id}/reauthorize', init), options);
    });

export const rename: MakeCommand = (context) =>
  new Command('rename')
    .description('Give a connection another name.')
    .argument('<id>', 'the connection')
    .argument('<name>')
    .action(async (id: string, name: string) => await annotate(context, id, { name }));

interface TagOptions {
  readonly add?: string[];
  readonly remove?: string[];
}

export const tag: MakeCommand = (context) =>
  new Command('tag')
    .description('Replace the tags of a connection, or with --add and --remove change some.')
    .argument('<id>', 'the connection')
    .argument('[tags...]', 'the new tags; none = no tag')
    .option('--add <tags...>')
    .option('--remove <tags...>')
    .action(async (id: string, tags: string[], { add, remove }: TagOptions) => {
      if (!add && !remove) return await annotate(context, id, { tags });
      if (tags.length > 0)
        throw cliProblems.usage('Tags are given in two ways.', 'Use either TAGS, or --add and --remove.');
      const init = { params: { path: { id } }, signal: context.signal };
      const { tags: present } = await context.client().get('/v1/connections/{id}', init);
      const kept = [...present, ...(add ?? [])].filter((each) => !remove?.includes(each));
      await annotate(context, id, { tags: [...new Set(kept)] });
    });

async function annotate(context: Context, id: string, body: { name?: string; tags?: string[] }): Promise<void> {
  const init = { params: { path: { id } }, body, signal: context.signal };
  await printConnection(context, await context.client().patch('/v1/connections/{id}', init));
}

interface DisconnectOptions {
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly timeout: number;
}

export const disconnect: MakeCommand = (context) =>
  new Command('disconnect')
    .description('Revoke the credential at the cloud, and destroy every stored secret.')
    .argument('<id>', 'the connection')
    .option('--yes', 'do not ask')
    .option('--wait', 'wait until it is disconnected')
    .addOption(new Option('--timeout <seconds>', 'how long --wait waits').default(600).argParser(wholeNumber))
    .action(async (id: string, { yes, wait, timeout }: DisconnectOptions) => {
      const client = context.client();
      const init = { params: { path: { id } }, signal: context.signal };
      if (yes !== true) {
        const { name, account } = await client.get('/v1/connections/{id}', init);
        const what = [id, name, account?.displayName ?? account?.id].filter(Boolean).join(', ');
        await context.confirm(`Disconnect ${what} for good`, {});
      }
      const connection = await client.delete('/v1/connections/{id}', init);
      await printConnection(
        context,
        wait === true ? await waitUntil(context, id, ['disconnected'], timeout) : connection,
      );
    });
