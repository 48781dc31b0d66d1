import {
  itemOutcomeNames,
  itemOutcomes,
  MOST_ITEMS,
  outcomeOfLetter,
  type AdvanceOutcome,
  type BatchCounts,
  type BatchInput,
  type BatchStatus,
  type BatchView,
  type ItemOutcome,
} from '../../contracts/batches.ts';

/**
 * A batch between two steps. JSON alone, because it is carried from run to run; 5,000 items are about 5 KB. Changed by
 * the functions of this file, and nowhere else.
 */
export interface BatchState {
  /** Version of this shape. */
  readonly v: 1;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly closesAt: string;
  readonly additions: readonly Addition[];
  /** The outcome of each item in order, a letter each (`itemOutcomes`). */
  readonly outcomes: string;
  /** Of the items that are under way, by number: since when, in Unix milliseconds. */
  readonly begun: Readonly<Record<string, number>>;
  readonly isCancelled: boolean;
  /** Nothing is under way any more, and nothing is taken in. */
  readonly isOver: boolean;
  /** Subscribers know that every item has an outcome. */
  readonly isTold: boolean;
  /** The next of the waiting items to look at, and when. */
  readonly look: { readonly from: number; readonly at: number };
}

/** Items that were added with one request. */
export interface Addition {
  readonly ref: string;
  readonly from: number;
  readonly count: number;
  readonly requestId: string | null;
}

/** Each is one request. A state with this many stays far below what Temporal carries. */
const MOST_ADDITIONS = 200;

export const initialState = ({ openSeconds }: BatchInput, nowMs: number): BatchState => ({
  v: 1,
  createdAt: new Date(nowMs).toISOString(),
  updatedAt: new Date(nowMs).toISOString(),
  closesAt: new Date(nowMs + openSeconds * 1000).toISOString(),
  additions: [],
  outcomes: '',
  begun: {},
  isCancelled: false,
  isOver: false,
  isTold: true,
  look: { from: 0, at: 0 },
});

export const outcomeAt = ({ outcomes }: BatchState, index: number): ItemOutcome =>
  outcomeOfLetter(outcomes[index]) ?? 'failed';

export function countsOf({ outcomes }: BatchState): BatchCounts {
  const counts = Object.fromEntries(itemOutcomeNames.map((name) => [name, 0])) as Record<ItemOutcome, number>;
  for (const letter of outcomes) counts[outcomeOfLetter(letter) ?? 'failed'] += 1;
  return counts;
}

export function statusOf(state: BatchState, counts: BatchCounts): BatchStatus {
  if (state.isCancelled) return state.isOver ? 'cancelled' : 'cancelling';
  if (state.isOver) return 'closed';
  if (state.outcomes === '') return 'open';
  return counts.pending + counts.connecting > 0 ? 'running' : 'finished';
}

export function viewOf({ id, tenant, provider, region, method, name, terms, window }: BatchInput, state: BatchState) {
  const counts = countsOf(state);
  const { createdAt, updatedAt, closesAt, outcomes } = state;
  return {
    id,
    tenant,
    provider,
    region,
    method,
    name,
    tags: terms.tags,
    status: statusOf(state, counts),
    items: outcomes.length,
    counts,
    window,
    setup: terms.setup,
    createdAt,
    updatedAt,
    closesAt,
  } satisfies BatchView;
}

export const added = (state: BatchState, { ref, count, requestId }: Omit<Addition, 'from'>): BatchState => ({
  ...state,
  additions: [...state.additions, { ref, from: state.outcomes.length, count, requestId }],
  outcomes: state.outcomes + itemOutcomes.pending.repeat(count),
  isTold: false,
});

/** The addition of a request that was served before. */
export const additionOf = ({ additions }: BatchState, requestId: string | undefined): Addition | undefined =>
  requestId === undefined ? undefined : additions.find((addition) => addition.requestId === requestId);

export const fits = ({ outcomes, additions }: BatchState, count: number): boolean =>
  outcomes.length + count <= MOST_ITEMS && additions.length < MOST_ADDITIONS;

/** What has not begun never begins; what has goes on. */
export const cancelled = (state: BatchState): BatchState =>
  state.isCancelled
    ? state
    : {
        ...state,
        isCancelled: true,
        isTold: false,
        outcomes: state.outcomes.replaceAll(itemOutcomes.pending, itemOutcomes.cancelled),
      };

export const begunItems = (state: BatchState, indexes: readonly number[], nowMs: number): BatchState => ({
  ...withOutcomes(
    state,
    indexes.map((index) => [index, 'connecting'] as const),
  ),
  begun: { ...state.begun, ...Object.fromEntries(indexes.map((index) => [index, nowMs])) },
});

/** With what a step of the activity has found. An item without a connection has not begun. */
export function advanced(state: BatchState, { settled, absent }: AdvanceOutcome): BatchState {
  const back = state.isCancelled ? 'cancelled' : 'pending';
  const changes = [
    ...settled.map(({ index, outcome }) => [index, outcome] as const),
    ...absent.flatMap((index) => (outcomeAt(state, index) === 'connecting' ? [[index, back] as const] : [])),
  ];
  return ended(
    withOutcomes(state, changes),
    changes.map(([index]) => index),
  );
}

/** Items that have been under way for this long leave their place to others; they are looked at again later. */
export function waitedEnough(state: BatchState, sinceMs: number): BatchState {
  const waiting = Object.entries(state.begun).flatMap(([index, at]) => (at <= sinceMs ? [Number(index)] : []));
  if (waiting.length === 0) return state;
  return ended(
    withOutcomes(
      state,
      waiting.map((index) => [index, 'waiting'] as const),
    ),
    waiting,
  );
}

function ended(state: BatchState, indexes: readonly number[]): BatchState {
  const done = new Set(indexes.map(String));
  return { ...state, begun: Object.fromEntries(Object.entries(state.begun).filter(([index]) => !done.has(index))) };
}

function withOutcomes(state: BatchState, changes: readonly (readonly [number, ItemOutcome])[]): BatchState {
  if (changes.length === 0) return state;
  const letters = state.outcomes.split('');
  for (const [index, outcome] of changes) if (index < letters.length) letters[index] = itemOutcomes[outcome];
  return { ...state, outcomes: letters.join('') };
}
