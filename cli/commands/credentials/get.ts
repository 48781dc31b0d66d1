import { Command, Option } from 'commander';
import type { Context } from '../../context.ts';
import { CliError, cliProblems } from '../../errors.ts';
import { wholeNumber, type MakeCommand } from '../command.ts';
import { assertMayShow, read, readAs, type LeaseOptions } from './read.ts';

interface Options extends LeaseOptions {
  readonly format?: string;
  readonly field?: string;
  readonly show?: boolean;
}

/** Options of every command that reads a credential. */
export const withLeaseOptions = (command: Command): Command =>
  command
    .argument('<id>', 'the connection')
    .addOption(
      new Option(
        '--min-ttl <seconds>',
        'how long it must still live; it is renewed first where it would not',
      ).argParser(wholeNumber),
    );

const withShow = (command: Command): Command => command.option('--show', 'also where it appears on the terminal');

export const get: MakeCommand = (context) =>
  withShow(
    withLeaseOptions(
      new Command('get').description('A fresh credential, into a pipe; on a terminal the facts about it.'),
    ),
  )
    .option('--format <format>', 'as the tools of its cloud read it; "mooring provider get" lists the formats')
    .option('--field <name>', 'one value of it, without a line break, e.g. access_token')
    .action(async (id: string, { format, field, show, ...lease }: Options) => {
      const { terminal } = context;
      if (format !== undefined && field !== undefined) {
        throw cliProblems.usage('--format and --field are two ways of writing it.', 'Give one of them.');
      }
      if (format !== undefined && format !== 'json') {
        assertMayShow(context, 'The credential', show);
        return await terminal.out(await readAs(context, id, format, lease));
      }
      if (field !== undefined) {
        assertMayShow(context, `The value of "${field}"`, show);
        return await terminal.out(await fieldOf(context, id, field, lease));
      }
      const { credential, warnings, ...facts } = await read(context, id, lease);
      for (const { message, remedy } of warnings) terminal.say(`warning: ${message} ${remedy}`);
      const isHidden = terminal.isOutputShown && show !== true;
      const shown = Object.fromEntries(
        Object.entries(credential).map(([name, value]) => [name, isHidden ? '…' : value]),
      );
      await terminal.out(`${JSON.stringify({ ...facts, credential: shown, warnings }, null, 2)}\n`);
      if (isHidden) terminal.say('The values are hidden: pipe it into the program that needs them, or add --show.');
    });

async function fieldOf(context: Context, id: string, name: string, lease: LeaseOptions): Promise<string> {
  const { credential } = await read(context, id, lease);
  const value = Object.hasOwn(credential, name) ? credential[name] : undefined;
  if (value !== undefined) return value;
  throw cliProblems.usage(`The credential has no "${name}".`, `It has: ${Object.keys(credential).join(', ')}.`);
}

export const credentialProcess: MakeCommand = (context) =>
  withShow(
    withLeaseOptions(
      new Command('credential-process').description('For the credential_process setting of a cloud’s tools.'),
    ),
  ).action(async (id: string, { show, ...lease }: Options) => {
    assertMayShow(context, 'The credential', show);
    await context.terminal.out(await readAs(context, id, 'credential_process', lease));
  });

export const kubectl: MakeCommand = (context) =>
  withShow(
    withLeaseOptions(new Command('kubectl').description('An ExecCredential, for users of a kubeconfig with "exec".')),
  ).action(async (id: string, { show, ...lease }: Options) => {
    assertMayShow(context, 'The credential', show);
    const { credential, expiresAt } = await read(context, id, lease);
    const token = credential['access_token'];
    if (token === undefined) {
      throw new CliError({
        code: 'no_token',
        message: 'The credential of this connection is no token, and clusters take nothing else from kubectl.',
        remedy: `Use the cloud's own plugin: mooring credentials exec ${id} -- kubectl …`,
      });
    }
    const status = { token, ...(expiresAt !== null && { expirationTimestamp: expiresAt }) };
    const document = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status };
    await context.terminal.out(`${JSON.stringify(document)}\n`);
  });
