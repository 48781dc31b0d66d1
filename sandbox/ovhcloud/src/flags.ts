export interface Flag {
  readonly name: string;
  readonly shorthand?: string;
  readonly type: 'bool' | 'string' | 'stringArray';
  readonly usage: string;
}

/** By name; a flag that may repeat keeps every value. */
export type FlagValues = ReadonlyMap<string, readonly string[]>;

export class UsageError extends Error {}

export const outputFlags: readonly Flag[] = [
  flag('debug', 'd', 'bool', 'Activate debug mode (will log all HTTP requests details)'),
  flag(
    'format',
    'f',
    'string',
    [
      'Output value according to given format (expression using https://github.com/PaesslerAG/gval syntax)',
      'Examples:',
      "  --format 'id' (to extract a single field)",
      "  --format 'nested.field.subfield' (to extract a nested field)",
      "  --format '[id, 'name']' (to extract multiple fields as an array)",
      `  --format '{"newKey": oldKey, "otherKey": nested.field}' (to extract and rename fields in an object)`,
      `  --format 'name+","+type' (to extract and concatenate fields in a string)`,
      "  --format '(nbFieldA + nbFieldB) * 10' (to compute values from numeric fields)",
    ].join('\n'),
  ),
  flag('ignore-errors', 'e', 'bool', 'Ignore errors in API calls when it is not fatal to the execution'),
  flag('interactive', 'i', 'bool', 'Interactive output'),
  flag('json', 'j', 'bool', 'Output in JSON'),
  flag('yaml', 'y', 'bool', 'Output in YAML'),
];

export const cloudProjectFlag: Flag = { name: 'cloud-project', type: 'string', usage: 'Cloud project ID' };

export const filterFlag: Flag = {
  name: 'filter',
  type: 'stringArray',
  usage: [
    'Filter results by any property using https://github.com/PaesslerAG/gval syntax',
    'Examples:',
    `  --filter 'state="running"'`,
    `  --filter 'name=~"^my.*"'`,
    "  --filter 'nested.property.subproperty>10'",
    `  --filter 'startDate>="2023-12-01"'`,
    `  --filter 'name=~"something" && nbField>10'`,
  ].join('\n'),
};

export const helpFlag = (command: string): Flag => flag('help', 'h', 'bool', `help for ${command}`);

const EXCLUSIVE = ['json', 'yaml', 'interactive', 'format'];

/** Flags and positional arguments, in any order. Throws {@link UsageError} with the program's words. */
export function parseFlags(args: readonly string[], known: readonly Flag[]): { flags: FlagValues; rest: string[] } {
  const flags = new Map<string, string[]>();
  const rest: string[] = [];
  const queue = [...args];
  const set = (found: Flag, given: string | undefined): void => {
    const value = given ?? (found.type === 'bool' ? 'true' : queue.shift());
    if (value === undefined) throw new UsageError(`flag needs an argument: --${found.name}`);
    flags.set(found.name, found.type === 'stringArray' ? [...(flags.get(found.name) ?? []), value] : [value]);
  };

  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (arg === '--') {
      rest.push(...queue.splice(0));
    } else if (arg.startsWith('--')) {
      const [name = '', ...value] = arg.slice(2).split('=');
      const found = known.find((one) => one.name === name);
      if (found === undefined) throw new UsageError(`unknown flag: --${name}`);
      set(found, value.length > 0 ? value.join('=') : undefined);
    } else if (arg.startsWith('-') && arg.length > 1) {
      parseShorthands(arg, known, set);
    } else {
      rest.push(arg);
    }
  }
  const given = EXCLUSIVE.filter((name) => flags.has(name));
  if (given.length > 1) {
    throw new UsageError(
      `if any flags in the group [${EXCLUSIVE.join(' ')}] are set none of the others can be; [${given.toSorted().join(' ')}] were all set`,
    );
  }
  return { flags, rest };
}

function parseShorthands(arg: string, known: readonly Flag[], set: (flag: Flag, value?: string) => void): void {
  for (let letters = arg.slice(1); letters !== '';) {
    const found = known.find((one) => one.shorthand === letters[0]);
    if (found === undefined) throw new UsageError(`unknown shorthand flag: '${letters[0]}' in ${arg}`);
    const after = letters.slice(1);
    const isLast = found.type !== 'bool' || after.startsWith('=');
    set(found, isLast && after !== '' ? after.replace(/^=/, '') : undefined);
    letters = isLast ? '' : after;
  }
}

function flag(name: string, shorthand: string, type: Flag['type'], usage: string): Flag {
  return { name, shorthand, type, usage };
}
