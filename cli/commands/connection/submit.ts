import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { components } from '../../client/index.ts';
import type { Context } from '../../context.ts';
import { cliProblems } from '../../errors.ts';
import { collect, given, pairs, type MakeCommand } from '../command.ts';
import { printConnection } from '../connect.ts';

interface Options {
  readonly variant?: string;
  readonly field?: readonly string[];
  readonly fieldFile?: readonly string[];
  readonly stdin?: boolean;
}

type Field = components['schemas']['Guide']['fields'][number];

export const submit: MakeCommand = (context) =>
  new Command('submit')
    .description('Submit what a form asks for; "mooring connection guide" lists it. What is missing is asked for.')
    .argument('<id>', 'the connection')
    .option('--variant <id>', 'which set of values, where there are several')
    .option('--field <name=value>', 'a value that is not secret; may be given several times', collect)
    .option('--field-file <name=path>', 'a value from a file; may be given several times', collect)
    .option('--stdin', 'read the values from standard input: a JSON object')
    .action(async (id: string, options: Options) => {
      const client = context.client();
      const path = { id };
      const guide = await client.get('/v1/connections/{id}/guide', { params: { path }, signal: context.signal });
      const variant = guide.variants.find((each) => each.id === options.variant) ?? guide.variants[0];
      const fields = [...guide.fields, ...(variant?.fields ?? [])];
      const values = { ...plainValues(options, fields), ...(await pipedValues(context, options)) };
      for (const field of fields) {
        if (values[field.name] === undefined) {
          const answer = await asked(context, field);
          if (answer !== undefined) values[field.name] = answer;
        }
      }
      const body = { fields: values, ...given({ variant: variant?.id }) };
      const init = { params: { path }, body, signal: context.signal };
      await printConnection(context, await client.post('/v1/connections/{id}/submission', init));
    });

/** Throws for a secret: the arguments of a process can be read by every user of the machine. */
function plainValues({ field, fieldFile }: Options, fields: readonly Field[]): Record<string, string> {
  const values = pairs(field);
  const secret = fields.find(({ name, secret: isSecret }) => isSecret && values[name] !== undefined);
  if (secret) {
    throw cliProblems.usage(
      `"${secret.name}" is secret, and arguments can be read by others.`,
      `Use --field-file ${secret.name}=PATH or --stdin, or wait to be asked. Replace the value, as it was shown.`,
    );
  }
  const read = Object.entries(pairs(fieldFile)).map(([name, path]) => [name, readFileSync(path, 'utf8').trimEnd()]);
  return { ...values, ...(Object.fromEntries(read) as Record<string, string>) };
}

async function pipedValues({ terminal }: Context, { stdin = false }: Options): Promise<Record<string, string>> {
  if (!stdin) return {};
  try {
    const value: unknown = JSON.parse(await terminal.input());
    const isWhole =
      typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string');
    if (isWhole) return value as Record<string, string>;
  } catch {
    // Answered below: the parser's message may quote a secret.
  }
  throw cliProblems.usage('Standard input is no JSON object of texts.', 'Give it as {"name": "value"}.');
}

async function asked(
  context: Context,
  { name, label, hint, secret, required, options }: Field,
): Promise<string | undefined> {
  if (options?.[0] !== undefined && !context.canAsk()) return options[0];
  if (!context.canAsk()) {
    if (!required) return undefined;
    throw cliProblems.needsInput(
      `The value "${name}" (${label})`,
      `Give it with --field-file ${name}=PATH or --stdin.`,
    );
  }
  const choice = options ? ` [${options.join('/')}]` : '';
  context.terminal.say(hint);
  const answer = await context.terminal.ask(`${label}${required ? '' : ' (may be empty)'}${choice}: `, {
    hidden: secret,
  });
  return answer === '' ? options?.[0] : answer;
}
