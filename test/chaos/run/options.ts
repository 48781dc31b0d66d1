import { parseArgs } from 'node:util';
import { groups, type Group } from './actions/action.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** How long faults come and clients call; the quiet at the end is part of it. */
  readonly minutes: number;
  /** Of the minutes, the part at the end in which everything is healthy. */
  readonly quietSeconds: number;
  /** How many connections the client keeps alive. */
  readonly connections: number;
  /** Calls a second, all together. */
  readonly rate: number;
  /** Seconds from one fault to the next, on average. */
  readonly every: number;
  /** Lifetime of access tokens at the clouds, so that each connection is renewed many times in a run. */
  readonly lifeSeconds: number;
  readonly without: ReadonlySet<Group>;
  /** A folder that `npm run build` made; null = run the sources. */
  readonly build: string | null;
  /** The build of an older release; deploys go back and forth between the two. */
  readonly oldBuild: string | null;
}

export interface ChaosCommand {
  readonly options: ChaosOptions;
  /** Where the outcome goes as JSON. */
  readonly json: string | null;
  /** A Markdown file whose figures of this seed are replaced. */
  readonly report: string | null;
  /** Prints the plan and ends. */
  readonly planOnly: boolean;
  readonly help: boolean;
  readonly keep: boolean;
}

export const usage = `npm run chaos -- [options]
  --minutes 30         how long, the quiet at the end included
  --seed 1             decides which faults come when
  --quiet 120          seconds of quiet at the end (default: a third of the run, at most 120)
  --connections 24     how many connections are kept alive
  --rate 8             calls a second
  --every 5            seconds between faults, on average
  --life 90            lifetime of access tokens, in seconds
  --without a,b        leaves out: ${groups.join(', ')}
  --only a,b           leaves out all others
  --build dist         a build to run; "none" runs the sources (default: dist where it is there)
  --old <folder>       a build of an older release, for deploys
  --json <file>        the outcome as JSON
  --report <file>      replaces the figures of this seed in a Markdown file (docs/reliability.md)
  --help               prints this
  --plan               prints what would happen when, and ends
  --keep               keeps the folder with logs and data, also after a run without a violation`;

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

/** Reads the command line. `defaultBuild` is what runs where none is named. Throws {@link UsageError}. */
export function readCommand(args: readonly string[], defaultBuild: string | null): ChaosCommand {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        minutes: text,
        seed: text,
        quiet: text,
        connections: text,
        rate: text,
        every: text,
        life: text,
        without: text,
        only: text,
        build: text,
        old: text,
        json: text,
        report: text,
        plan: flag,
        keep: flag,
        help: flag,
      },
    }));
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`);
  }
  const { build, old: oldBuild = null, json = null, report = null, plan: planOnly, keep, help } = values;
  const minutes = numberOf('minutes', values.minutes, 30, 0.5);
  const options: ChaosOptions = {
    minutes,
    seed: numberOf('seed', values.seed, 1, 0),
    quietSeconds: numberOf('quiet', values.quiet, Math.min(120, minutes * 20), 5),
    connections: numberOf('connections', values.connections, 24, 1),
    rate: numberOf('rate', values.rate, 8, 0.1),
    every: numberOf('every', values.every, 5, 0.5),
    lifeSeconds: numberOf('life', values.life, 90, 30),
    without: leftOut(values.without, values.only),
    build: build === 'none' ? null : (build ?? defaultBuild),
    oldBuild,
  };
  if (options.quietSeconds >= minutes * 60) throw new UsageError('--quiet must be shorter than --minutes.');
  return { options, json, report, planOnly, keep, help };
}

function numberOf(name: string, given: string | undefined, otherwise: number, least: number): number {
  const number = given === undefined ? otherwise : Number(given);
  if (!Number.isFinite(number) || number < least) {
    throw new UsageError(`--${name} is "${given}": give a number, at least ${least}.`);
  }
  return number;
}

function leftOut(without = '', only?: string): ReadonlySet<Group> {
  const others = only === undefined ? [] : groups.filter((group) => !groupsOf(only).includes(group));
  return new Set([...groupsOf(without), ...others]);
}

function groupsOf(given: string): Group[] {
  const names = given.split(',').filter((name) => name !== '');
  const unknown = names.filter((name) => !(groups as readonly string[]).includes(name));
  if (unknown.length > 0) throw new UsageError(`There is ${groups.join(', ')}; not ${unknown.join(', ')}.`);
  return names as Group[];
}
