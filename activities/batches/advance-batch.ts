import { cancellationSignal, Context } from '@temporalio/activity';
import type {
  AdvanceInput,
  AdvanceOutcome,
  BatchActivities,
  ItemDetails,
  ItemPlace,
  SettledItem,
} from '../../contracts/batches.ts';
import { problems, type Problem } from '../../contracts/problem.ts';
import { createBatchDetails, type BatchDetails } from '../../stores/batches/details.ts';
import { itemConnectionId } from '../../stores/batches/item-id.ts';
import { EphemeralStoreUnavailable } from '../../stores/ephemeral/port.ts';
import { SecretStoreConflict, SecretStoreUnavailable } from '../../stores/secrets/port.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { notYet, withStoreErrors } from '../failures.ts';
import { beginItem, type Begun } from './begin-item.ts';
import { TemporalUnavailable, type BatchConnections } from './ports.ts';
import { publishBatchNews } from './tell-batch.ts';
import { askConnection, readCondition, type Seen } from './watch-items.ts';

/** Adapters that only batches use. */
export interface BatchTools {
  readonly connections: BatchConnections;
  /** Rejects when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly limits?: Partial<typeof defaults>;
}

type BatchDependencies = BatchTools &
  Pick<ActivityDependencies, 'secrets' | 'ephemeral' | 'providers' | 'clock' | 'logger' | 'random'>;

const defaults = {
  /** Of all batches in one process: the other work on stores and connections is never short of slots. */
  atOnce: 10,
  /** Between two looks at what was published. */
  lookEveryMs: 250,
  looks: 12,
  /** Connections that Temporal itself is asked about in one step. */
  asked: 10,
};

/** How long another batch waits where this process works on enough of them. */
const BUSY_SECONDS = 2;

/**
 * One step of a batch. It begins items. Then it watches the items under way for a few seconds, or until half as many have
 * settled as it began. A step can be repeated. A step that is cancelled begins no further items and returns what it has.
 */
export function createAdvanceBatch(deps: BatchDependencies): BatchActivities['advanceBatch'] {
  const limits = { ...defaults, ...deps.limits };
  let working = 0;
  return async (input) => {
    if (working >= limits.atOnce) throw notYet(busy, BUSY_SECONDS);
    working += 1;
    try {
      return await untilAnswered(() => advance(deps, limits, input));
    } finally {
      working -= 1;
    }
  };
}

async function advance(deps: BatchDependencies, limits: typeof defaults, input: AdvanceInput): Promise<AdvanceOutcome> {
  const { batch, watch, news } = input;
  const signal = cancellationSignal();
  if (news && Context.current().info.attempt === 1) await publishBatchNews(deps, batch, news);
  const { begun, absent } = await begin(deps, input, signal);
  const settled = new Map<number, SettledItem['outcome']>();
  const details = new Map<number, ItemDetails>();
  for (const [index, each] of begun) {
    details.set(index, each.details);
    if (each.settled !== null) settled.set(index, each.settled);
  }
  const see = (index: number, seen: Seen): void => {
    if (seen.state !== 'settled' || settled.has(index)) return;
    settled.set(index, seen.outcome);
    const known = details.get(index) ?? { label: null, connection: itemConnectionId(batch.id, index) };
    details.set(index, { ...known, problem: seen.problem });
  };
  const underWay = [...begun.keys()].filter((index) => !settled.has(index));
  const watched = [...watch, ...underWay];
  const enough = watched.length === 0 ? 0 : settled.size + Math.max(Math.ceil(underWay.length / 2), 1);
  for (let look = 1; look <= limits.looks && settled.size < enough && !signal.aborted; look++) {
    await deps.sleep(limits.lookEveryMs, signal).catch(() => undefined);
    const open = watched.filter((index) => !settled.has(index));
    await Promise.all(
      open.map(async (index) => see(index, await readCondition(deps.ephemeral, itemConnectionId(batch.id, index)))),
    );
  }
  const open = watched.filter((index) => !settled.has(index));
  for (const [index, seen] of await ask(deps, batch.id, turnOf(open, limits.asked, deps.random()))) {
    if (seen.state === 'absent') absent.push(index);
    else see(index, seen);
  }
  await keep(deps, createBatchDetails(deps.ephemeral), batch.id, details);
  return { settled: [...settled].map(([index, outcome]) => ({ index, outcome })), absent };
}

/** Begins the items side by side. What was not begun when the step was cancelled is absent. */
async function begin(
  deps: BatchDependencies,
  { batch, terms, begin: places }: AdvanceInput,
  signal: AbortSignal,
): Promise<{ readonly begun: ReadonlyMap<number, Begun>; readonly absent: number[] }> {
  const begun = new Map<number, Begun>();
  const absent: number[] = [];
  const { mostConnections: most } = terms;
  let room = most === null || places.length === 0 ? Infinity : most - (await deps.connections.living(batch.tenant));
  await Promise.all(
    places.map(async (place) => {
      if (signal.aborted) return void absent.push(place.index);
      room -= 1;
      const isStarted = async () =>
        (await deps.connections.view(itemConnectionId(batch.id, place.index))) !== undefined;
      // One that an earlier attempt has started counts among the living already.
      const isTooMuch = room < 0 && !(await isStarted());
      begun.set(
        place.index,
        isTooMuch ? failed(tooManyConnections(most ?? 0)) : await beginOne(deps, batch, terms, place),
      );
    }),
  );
  return { begun, absent };
}

/** An item that fails in a way that is not known does not stop the others. */
async function beginOne(
  deps: BatchDependencies,
  batch: AdvanceInput['batch'],
  terms: AdvanceInput['terms'],
  place: ItemPlace,
): Promise<Begun> {
  try {
    return await beginItem(deps, batch, terms, place);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    deps.logger.error({ err: error, batch: batch.id, item: place.index }, 'An item of a batch could not be begun.');
    return failed(problems.internal);
  }
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof TemporalUnavailable ||
  error instanceof SecretStoreUnavailable ||
  error instanceof SecretStoreConflict;

/** A store, or Temporal, does not answer: the step is tried again. */
async function untilAnswered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await withStoreErrors(work);
  } catch (error) {
    if (error instanceof TemporalUnavailable) throw notYet(temporalUnavailable);
    throw error;
  }
}

async function ask(
  deps: BatchDependencies,
  batchId: string,
  indexes: readonly number[],
): Promise<readonly (readonly [number, Seen])[]> {
  return await Promise.all(
    indexes.map(
      async (index) => [index, await askConnection(deps.connections, itemConnectionId(batchId, index))] as const,
    ),
  );
}

/** So many of them, from a random one on, so that each is asked about in turn. */
function turnOf(indexes: readonly number[], most: number, random: number): readonly number[] {
  if (indexes.length <= most) return indexes;
  const from = Math.floor(random * indexes.length);
  return [...indexes.slice(from), ...indexes.slice(0, from)].slice(0, most);
}

/** Best effort: outcomes are in the workflow, problems in the connections. */
async function keep(
  { logger }: BatchDependencies,
  store: BatchDetails,
  batchId: string,
  details: ReadonlyMap<number, ItemDetails>,
): Promise<void> {
  try {
    await store.put(batchId, details);
  } catch (error) {
    if (!(error instanceof EphemeralStoreUnavailable)) throw error;
    logger.warn({ err: error, batch: batchId }, 'Details of items were not kept: the ephemeral store does not answer.');
  }
}

const failed = (problem: Problem): Begun => ({
  settled: 'failed',
  details: { label: null, connection: null, problem },
});

const temporalUnavailable: Problem = {
  code: 'temporal_unavailable',
  message: 'Temporal does not answer.',
  remedy: 'Nothing is lost: the batch goes on as soon as it does.',
};

const busy: Problem = {
  code: 'batches_busy',
  message: 'This worker is at work on as many batches as it may.',
  remedy: 'Nothing to do: this batch goes on in its turn.',
};

const tooManyConnections = (most: number): Problem => ({
  code: 'quota_exceeded',
  message: `The tenant has ${most} connections that have not ended, which is the most that it may have.`,
  remedy: 'Disconnect what is not used any more, or have the operator raise the limit; then add the item again.',
});
