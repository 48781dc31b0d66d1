import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { cliProblems } from '../errors.ts';
import { collect, pairs, type MakeCommand } from './command.ts';
import { printAnswer } from './lists.ts';

interface Options {
  readonly data?: string;
  readonly query?: readonly string[];
  readonly show?: boolean;
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export const api: MakeCommand = (context) =>
  new Command('api')
    .description('Call the API; the answer is printed as it is.')
    .argument('<method>')
    .argument('<path>', 'e.g. /v1/connections')
    .option('--data <file>', 'the body, a JSON file; - is standard input')
    .option('--query <name=value>', 'may be given several times', collect)
    .option('--show', 'also where a credential or a key appears on the terminal')
    .action(async (name: string, path: string, { data, query, show }: Options) => {
      const method = name.toUpperCase();
      if (!methods.includes(method)) throw cliProblems.usage(`"${name}" is no method.`, `Use ${methods.join(', ')}.`);
      if (!path.startsWith('/')) throw cliProblems.usage('The path does not begin with "/".', 'E.g. /v1/connections.');
      if (context.terminal.isOutputShown && show !== true && holdsSecret(path)) {
        throw cliProblems.notShown('What this answers');
      }
      const body = data === undefined ? undefined : await read(data);
      const options = { query: pairs(query), signal: context.signal, ...(body !== undefined && { body }) };
      await printAnswer(context, await context.client().request(method, path, options));

      async function read(file: string): Promise<string> {
        return file === '-' ? await context.terminal.input() : readFileSync(file, 'utf8');
      }
    });

/** Where an answer has a credential or a new key. A link is shown: it is made to be sent. */
const holdsSecret = (path: string): boolean => /\/(?:credentials|api-keys)(?:[/?]|$)/.test(path);
