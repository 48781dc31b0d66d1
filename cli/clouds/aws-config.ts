import { Command } from 'commander';
import type { MakeCommand } from '../commands/command.ts';
import { cliProblems } from '../errors.ts';

/**
 * A profile for `~/.aws/config` whose credentials come from this program.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 */
export const awsConfig: MakeCommand = (context) =>
  new Command('aws-config')
    .description('A profile for ~/.aws/config; AWS tools then ask this program for credentials. Holds no secret.')
    .argument('<id>', 'the connection')
    .option('--name <name>', 'of the profile; default: the name of the connection, or its id')
    .option('--aws-region <region>', 'the default region of the profile')
    .option('--command <command>', 'how AWS tools start this program', 'mooring')
    .action(async (id: string, options: { name?: string; awsRegion?: string; command: string }) => {
      const init = { params: { path: { id } }, signal: context.signal };
      const connection = await context.client().get('/v1/connections/{id}', init);
      if (connection.provider !== 'aws') {
        throw cliProblems.usage(
          `${id} is not an AWS account.`,
          `For other clouds: mooring credentials exec ${id} -- COMMAND.`,
        );
      }
      // A name with a bracket or a line break would end the section.
      const name = (options.name ?? connection.name ?? id).replaceAll(/[^\w.@+-]+/g, '-');
      const { profile } = context.globals();
      const named = profile === undefined ? '' : ` --profile ${profile}`;
      const lines = [
        `[profile ${name}]`,
        `credential_process = ${options.command} credentials credential-process${named} ${id}`,
        ...(options.awsRegion === undefined ? [] : [`region = ${options.awsRegion}`]),
      ];
      await context.terminal.out(`${lines.join('\n')}\n`);
    });
