import { Command } from 'commander';
import type { Answer } from '../client/index.ts';
import type { Context } from '../context.ts';
import { cliProblems } from '../errors.ts';
import type { Column } from '../output/printer.ts';
import { given, group, type MakeCommand } from './command.ts';

type Provider = Answer<'/v1/providers', 'get'>['items'][number];

const columns: readonly Column<Provider>[] = [
  { name: 'id', value: ({ id }) => id },
  { name: 'name', value: ({ name }) => name },
  { name: 'state', value: ({ enabled, state }) => (enabled ? state : 'off') },
  { name: 'regions', value: ({ regions }) => regions.map(({ id }) => id).join(', ') },
  { name: 'methods', value: ({ methods }) => methods.map(({ id }) => id).join(', ') },
  { name: 'ready', value: ({ ways }) => `${ways.filter(({ ready }) => ready).length} of ${ways.length}` },
];

const list: MakeCommand = (context) =>
  new Command('list').description('List the clouds that can be connected.').action(async () => {
    const { items } = await context.client().get('/v1/providers', { signal: context.signal });
    await context.print().rows(columns, items);
  });

const get: MakeCommand = (context) =>
  new Command('get')
    .description('The ways into a cloud: what is ready, and what is missing.')
    .argument('<provider>')
    .action(async (id: string) => {
      const { items } = await context.client().get('/v1/providers', { signal: context.signal });
      const provider = items.find((item) => item.id === id);
      if (!provider) {
        const known = items.map((item) => item.id).join(', ');
        throw cliProblems.usage(`There is no provider "${id}".`, `Use one of: ${known}.`);
      }
      const formats = (method: string) => provider.methods.find((each) => each.id === method)?.credentialFormats ?? [];
      if (provider.problem) context.terminal.say(`${provider.state}: ${provider.problem.message}`);
      await context.print().rows(
        [
          { name: 'region', value: ({ region }) => region },
          { name: 'method', value: ({ method }) => method },
          { name: 'ready', value: ({ ready }) => (ready ? 'yes' : 'no') },
          { name: 'missing', value: ({ missing }) => missing && `${missing.message} ${missing.variables.join(', ')}` },
          { name: 'formats', value: ({ method }) => formats(method).join(', ') },
          { name: 'redirect URI', value: ({ redirectUri }) => redirectUri },
        ],
        provider.ways,
      );
    });

type State = Answer<'/v1/providers/{id}/resume', 'post'>;

const printState = async (context: Context, state: State): Promise<void> =>
  await context.print().one(
    [
      { name: 'id', value: ({ id }) => id },
      { name: 'state', value: ({ state: word }) => word },
      { name: 'since', value: ({ since }) => since },
      { name: 'why', value: ({ problem }) => problem?.message },
    ],
    state,
  );

const pause: MakeCommand = (context) =>
  new Command('pause')
    .description('Hold all calls to a cloud, for every tenant. Needs an operator’s key.')
    .argument('<provider>')
    .option('--reason <text>', 'shown to everybody who waits')
    .option('--yes', 'do not ask')
    .action(async (id: string, { reason, yes }: { reason?: string; yes?: boolean }) => {
      await context.confirm(`Hold all calls to ${id}`, { ...(yes !== undefined && { yes }) });
      const init = { params: { path: { id } }, body: given({ reason }), signal: context.signal };
      await printState(context, await context.client().post('/v1/providers/{id}/pause', init));
    });

const resume: MakeCommand = (context) =>
  new Command('resume')
    .description('Resume work with a cloud; what has waited comes back over a few minutes.')
    .argument('<provider>')
    .action(async (id: string) => {
      const init = { params: { path: { id } }, signal: context.signal };
      await printState(context, await context.client().post('/v1/providers/{id}/resume', init));
    });

export const provider = group('provider', 'Clouds that can be connected.', [list, get, pause, resume]);
