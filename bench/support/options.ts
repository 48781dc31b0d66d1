/** The options of a benchmark on the command line. Each one takes some of these, with defaults of its own. */
export interface Options {
  /** How many connections; `upkeep` takes several sizes. */
  readonly connections: readonly number[];
  /** Milliseconds until a cloud answers. */
  readonly latency: number;
  /** Seconds of each measurement. */
  readonly seconds: number;
  /** Refreshes or onboardings a second that are asked for, below what the product can do. */
  readonly rate: number;
  /** How often the whole comparison is repeated, product and baseline in turns. */
  readonly rounds: number;
  /** Worker processes. */
  readonly workers: number;
  /** `raft` writes to the disk as production does, `dev` keeps everything in memory. */
  readonly vault: 'raft' | 'dev';
  /** Compiles the product first. Off: what is in dist/ already. */
  readonly build: boolean;
  /** Leaves databases and logs where they are, and says where. */
  readonly keep: boolean;
}

export type OptionName = keyof Options;

/** Taken by every benchmark that starts the product. */
export const stackDefaults = {
  workers: 1,
  vault: 'raft',
  build: true,
  keep: false,
} as const satisfies Partial<Options>;

/** A mistake in the command line: said as it is, without a stack. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

const atLeast =
  (least: number) =>
  (text: string, flag: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= least) return value;
    throw new OptionError(`${flag} takes a whole number from ${least} on, not "${text}".`);
  };

const parsers: { readonly [N in OptionName]: (text: string, flag: string) => Options[N] } = {
  connections(text, flag) {
    const sizes = text.split(',').map((part) => atLeast(1)(part, flag));
    return sizes.toSorted((one, other) => one - other);
  },
  latency: atLeast(0),
  seconds: atLeast(1),
  rate: atLeast(1),
  rounds: atLeast(1),
  workers: atLeast(1),
  vault(text, flag) {
    if (text === 'raft' || text === 'dev') return text;
    throw new OptionError(`${flag} takes raft or dev, not "${text}".`);
  },
  build: () => true,
  keep: () => true,
};

const switches: ReadonlySet<string> = new Set<OptionName>(['build', 'keep']);

/**
 * Reads `--connections 300,2000 --seconds=60 --no-build --keep` over the defaults. Only what has a default is taken:
 * a benchmark lists what it listens to. Throws {@link OptionError}.
 */
export function parseOptions<T extends Partial<Options>>(args: readonly string[], defaults: T): T {
  const options: Record<string, unknown> = { ...defaults };
  const rest = [...args];
  for (let flag = rest.shift(); flag !== undefined; flag = rest.shift()) {
    const [, no, name = '', , inline] = /^--(no-)?([a-z]+)(=(.*))?$/.exec(flag) ?? [];
    if (!(name in defaults)) throw new OptionError(`${flag} is not an option here. There are: ${flagsOf(defaults)}.`);
    if (switches.has(name)) {
      options[name] = no === undefined;
      continue;
    }
    const text = inline ?? rest.shift();
    if (no !== undefined || text === undefined) throw new OptionError(`${flag} needs a value.`);
    options[name] = parsers[name as OptionName](text, `--${name}`);
  }
  return options as T;
}

const flagsOf = (defaults: object): string =>
  Object.keys(defaults)
    .map((name) => `--${name}`)
    .join(' ') || 'none';
