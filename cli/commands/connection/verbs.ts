import { Command } from 'commander';
import type { Context } from '../../context.ts';
import type { MakeCommand } from '../command.ts';
import { printConnection } from '../connect.ts';

/** Verbs that take a connection and answer what it looks like afterwards. */
const verbs = [
  ['confirm', 'confirm', 'Confirm the account that came in.'],
  ['verify', 'verify', 'Ask the cloud whether the credential works.'],
  ['pause', 'pause', 'Pause upkeep; the credential is kept, and not renewed.'],
  ['resume', 'resume', 'Resume upkeep.'],
  ['recover', 'recover', 'Go on with a connection whose workflow was ended from outside.'],
  ['discover', 'discover', 'List the resources now.'],
] as const;

export const verbCommands: readonly MakeCommand[] = verbs.map(
  ([name, path, description]) =>
    (context: Context) =>
      new Command(name)
        .description(description)
        .argument('<id>', 'the connection')
        .action(async (id: string) => {
          const init = { params: { path: { id } }, signal: context.signal };
          await printConnection(context, await context.client().post(`/v1/connections/{id}/${path}`, init));
        }),
);

export const revokeLink: MakeCommand = (context) =>
  new Command('revoke-link')
    .description('Revoke the open link; it stops working at once.')
    .argument('<id>', 'the connection')
    .action(async (id: string) => {
      const init = { params: { path: { id } }, signal: context.signal };
      await printConnection(context, await context.client().delete('/v1/connections/{id}/invitation', init));
    });

export const refresh: MakeCommand = (context) =>
  new Command('refresh')
    .description('Refresh the credential now; at most once a minute.')
    .argument('<id>', 'the connection')
    .action(async (id: string) => {
      const init = { params: { path: { id } }, signal: context.signal };
      const answer = await context.client().post('/v1/connections/{id}/refresh', init);
      await context.print().one(
        [
          { name: 'outcome', value: ({ outcome }) => outcome },
          { name: 'expires', value: ({ credential }) => credential?.expiresAt },
          { name: 'next refresh', value: ({ credential }) => credential?.nextRefreshAt },
        ],
        answer,
      );
    });

export const tryNow: MakeCommand = (context) =>
  new Command('try-now')
    .description('Try now what is waiting for its next try.')
    .argument('<id>', 'the connection')
    .action(async (id: string) => {
      const init = { params: { path: { id } }, signal: context.signal };
      await context.client().post('/v1/connections/{id}/try-now', init);
      context.terminal.say(`${id} tries again now: "mooring connection watch ${id}" shows how it goes.`);
    });
