import { ApplicationFailure } from '@temporalio/workflow';
import {
  discoveryTriggers,
  type DiscoveryDone,
  type DiscoveryInput,
  type DiscoveryPlanned,
  type DiscoveryProgress,
  type DiscoverySummary,
  type DiscoveryTally,
  type ListOutcome,
  type Place,
  type PlaceOutcome,
} from '../../contracts/discovery.ts';
import { emptyTally, tallied } from '../../contracts/discovery-tally.ts';
import { problems, type Problem } from '../../contracts/problem.ts';

/*
 * What reaches the workflow from outside: an operator may start one by hand, and an activity may be of another version.
 * An unexpected value would make the workflow task fail, again and again; so it is checked, and fails the workflow.
 */

type Check<T> = (value: unknown) => value is T;
type Fields = Readonly<Record<string, Check<unknown>>>;

const text: Check<string> = (value): value is string => typeof value === 'string' && value !== '';
const count: Check<number> = (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const time: Check<string> = (value): value is string => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const place = (value: unknown): value is string | null => value === null || text(value);
const oneOf =
  <T extends string>(...values: readonly T[]): Check<T> =>
  (value): value is T =>
    values.some((each) => each === value);
const listOf =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.every(check);
const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value): value is T | null =>
    value === null || check(value);
const record =
  <T>(fields: Fields): Check<T> =>
  (value): value is T =>
    wrongField(value, fields) === undefined;

const isProblem = record<Problem>({ code: text, message: text, remedy: text });
const connection = record({ id: text, tenant: text, provider: text, region: text, method: text });
const positive = (value: unknown): value is number => count(value) && value >= 1;
const concurrency = (value: unknown): value is number => positive(value) && value <= 1_000;
const changes: Fields = { added: count, removed: count, changed: count };
const tally: Fields = {
  ...changes,
  lists: count,
  complete: count,
  partial: count,
  failed: count,
  resources: count,
  problems: listOf(isProblem),
  notice: orNull(isProblem),
};
const isTally = record<DiscoveryTally>(tally);
const trigger = oneOf(...discoveryTriggers);
const isSummary = record<DiscoverySummary>({ ...tally, trigger, startedAt: time, finishedAt: time });
const isListOutcome = record<ListOutcome>({
  outcome: oneOf('complete', 'partial', 'failed', 'unauthorized', 'dropped'),
  resources: count,
  changes: record(changes),
  problem: orNull(isProblem),
  notice: orNull(isProblem),
});

/** The input that starts a discovery. Throws a failure that ends the workflow. */
export const parseInput = (value: unknown): DiscoveryInput =>
  parse<DiscoveryInput>('input of a discovery', value, {
    connection,
    epoch: count,
    trigger,
    since: time,
    concurrency,
  });

export const parseProgress = (value: unknown): DiscoveryProgress =>
  parse<DiscoveryProgress>('progress of a discovery', value, {
    remaining: listOf(place),
    tally: isTally,
    placesPerActivity: (each) => each === undefined || positive(each),
  });

/** The plan of a discovery, or what an older build planned: then there is no number of places for an activity. */
export type Planned =
  Exclude<DiscoveryPlanned, { readonly outcome: 'planned' }> | ({ readonly outcome: 'planned' } & DiscoveryProgress);

export function parsePlanned(value: unknown): Planned {
  if (isEndOfPlan(value)) return value;
  if (isOldPlan(value)) return fromOldPlan(value);
  const planned = parse<Extract<DiscoveryPlanned, { outcome: 'planned' }>>('plan of a discovery', value, {
    outcome: oneOf('planned'),
    places: listOf(place),
    placesPerActivity: positive,
    tally: isTally,
  });
  const { places, placesPerActivity, tally: made } = planned;
  return { outcome: 'planned', remaining: places, placesPerActivity, tally: made };
}

const isEndOfPlan = (value: unknown): value is Exclude<DiscoveryPlanned, { readonly outcome: 'planned' }> =>
  record({ outcome: oneOf('ended', 'dropped') })(value) ||
  record({ outcome: oneOf('unauthorized'), problem: isProblem })(value);

/** As it stands in histories that an older build has written. */
interface OldPlan {
  readonly outcome: ListOutcome;
  readonly places: readonly Place[];
  readonly hasEnded: boolean;
}

const isOldPlan = record<OldPlan>({
  outcome: isListOutcome,
  places: listOf(place),
  hasEnded: (flag): flag is boolean => typeof flag === 'boolean',
});

function fromOldPlan({ outcome, places, hasEnded }: OldPlan): Planned {
  if (hasEnded) return { outcome: 'ended' };
  if (outcome.outcome === 'dropped') return { outcome: 'dropped' };
  if (outcome.outcome === 'unauthorized') {
    return { outcome: 'unauthorized', problem: outcome.problem ?? problems.internal };
  }
  return { outcome: 'planned', remaining: places, tally: tallied(emptyTally, outcome) };
}

export function parsePlaceOutcome(value: unknown): PlaceOutcome {
  const isRefused = record<PlaceOutcome>({ outcome: oneOf('unauthorized'), problem: isProblem });
  if (isRefused(value)) return value;
  return parse('outcome of lists', value, { outcome: oneOf('listed', 'dropped'), tally: isTally });
}

/** What the signal `discoveryDone` brings to a connection; undefined where it is none. */
export function parseDiscoveryDone(value: unknown): DiscoveryDone | undefined {
  const isDone = record<DiscoveryDone>({ since: time, outcome: oneOf('done'), summary: isSummary });
  const isRefused = record<DiscoveryDone>({ since: time, outcome: oneOf('unauthorized'), problem: isProblem });
  return isDone(value) || isRefused(value) ? value : undefined;
}

function parse<T>(what: string, value: unknown, fields: Fields): T {
  const wrong = wrongField(value, fields);
  if (wrong === undefined) return value as T;
  const message = `This is no ${what}: ${wrong}.`;
  throw ApplicationFailure.create({ type: 'invalid_input', message, nonRetryable: true });
}

/** What is wrong, in words that repeat nothing of the value; undefined = nothing. */
function wrongField(value: unknown, fields: Fields): string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is no object';
  const known = value as Readonly<Record<string, unknown>>;
  const wrong = Object.entries(fields).find(([name, check]) => !check(known[name]));
  return wrong && `its field "${wrong[0]}" is missing or not as it should be`;
}
