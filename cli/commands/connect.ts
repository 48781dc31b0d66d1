import { Command, Option } from 'commander';
import type { components, Connection, MooringClient } from '../client/index.ts';
import type { Context } from '../context.ts';
import { cliProblems } from '../errors.ts';
import { collect, given, wholeNumber, type MakeCommand } from './command.ts';
import { connectionDetails, invitedDetails } from './columns.ts';

/** The terms of a link, as options. */
interface LinkOptions {
  readonly confirm?: boolean;
  readonly passcode?: boolean;
  readonly lifetimeHours?: number;
  readonly open?: boolean;
}

interface Options extends LinkOptions {
  readonly region?: string;
  readonly method?: string;
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly discover: boolean;
  readonly wait?: boolean;
  readonly timeout: number;
}

export const withLinkOptions = (command: Command): Command =>
  command
    .option('--confirm', 'nothing is used before you have confirmed the account')
    .option('--no-confirm', 'the account that comes in is used at once')
    .option('--passcode', 'the page asks for a passcode, which is made and shown once')
    .addOption(new Option('--lifetime-hours <hours>', 'how long the link can be used').argParser(wholeNumber))
    .option('--open', 'open the link in the browser');

export const linkTerms = ({ confirm, passcode, lifetimeHours }: LinkOptions) => ({
  ...given({ confirm }),
  ...(passcode === true && { passcode: true as const }),
  ...(lifetimeHours !== undefined && { lifetimeSeconds: lifetimeHours * 3600 }),
});

/** Prints the link, opens it where asked, and says what the customer is to do. */
export async function printLink(
  context: Context,
  invited: components['schemas']['Invited'],
  { open = false }: LinkOptions,
): Promise<void> {
  await context.print().one(invitedDetails, invited);
  if (open && !(await context.openInBrowser(invited.invitation.url))) {
    context.terminal.say('No browser could be started: open the link yourself.');
  }
}

export const connect: MakeCommand = (context) =>
  withLinkOptions(
    new Command('connect')
      .description('Start a connection, and get the link that brings the account in.')
      .argument('<provider>', 'as "mooring provider list" has it')
      .option('--region <region>', "the provider's region; may be left out where it has one")
      .option('--method <method>', "how the account comes in; default: the provider's first")
      .option('--name <name>', 'what people call it')
      .option('--tag <tag>', 'may be given several times', collect),
  )
    .option('--no-discover', 'list nothing of the account, ever')
    .option('--wait', 'wait until the account is connected')
    .addOption(new Option('--timeout <seconds>', 'how long --wait waits').default(600).argParser(wholeNumber))
    .action(async (provider: string, options: Options) => {
      const client = context.client();
      const { signal } = context;
      const { method, name, tag } = options;
      const invited = await client.post('/v1/connections', {
        signal,
        body: {
          provider,
          region: options.region ?? (await onlyRegion(client, provider, signal)),
          ...given({ method, name }),
          ...(tag && { tags: [...tag] }),
          ...(!options.discover && { discover: false }),
          invitation: linkTerms(options),
        },
      });
      await printLink(context, invited, options);
      if (options.wait === true) await waitUntil(context, invited.connection.id, ['active'], options.timeout);
    });

/** Waits, and says each change on the way. */
export async function waitUntil(
  context: Context,
  id: string,
  statuses: readonly Connection['status'][],
  timeoutSeconds: number,
): Promise<Connection> {
  const { terminal, signal } = context;
  let said = '';
  const onChange = (connection: Connection): void => {
    const line = progressOf(connection);
    if (line !== said) terminal.say(line);
    said = line;
  };
  return await context.client().waitFor(id, statuses, { timeoutSeconds, signal, onChange });
}

function progressOf({ id, status, problem, verification }: Connection): string {
  const why = problem ?? verification?.lastProblem;
  const next = verification?.nextTryAt == null ? '' : ` Next try: ${verification.nextTryAt}.`;
  return `${id} is ${status}.${why ? ` ${why.message}` : ''}${next}`;
}

async function onlyRegion(client: MooringClient, id: string, signal: AbortSignal): Promise<string> {
  const { items } = await client.get('/v1/providers', { signal });
  const provider = items.find((item) => item.id === id);
  if (!provider) {
    const known = items.map((item) => item.id).join(', ');
    throw cliProblems.usage(`There is no provider "${id}".`, `Use one of: ${known}.`);
  }
  const [first, ...others] = provider.regions;
  if (first && others.length === 0) return first.id;
  const known = provider.regions.map((region) => region.id).join(', ');
  throw cliProblems.usage(`${provider.name} has several: ${known}.`, `Say which ${provider.regionWord}: --region.`);
}

/** The connection as it is now, for people and programs. */
export const printConnection = async (context: Context, connection: Connection): Promise<void> =>
  await context.print().one(connectionDetails, connection);
