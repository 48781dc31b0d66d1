import type { Actor } from './actor.ts';
import type { ConnectionRef } from './connection.ts';
import type { Command, ConnectionInput } from './messages.ts';
import type { Problem } from './problem.ts';

/** What one batch may have. */
export const MOST_ITEMS = 5_000;
/** Items that are connected at once, where a request does not say. */
export const DEFAULT_WINDOW = 20;
export const MOST_AT_ONCE = 50;
/**
 * Items that are stored together: so few that reading them all for each one costs little, so many that 5,000 items are
 * 100 writes.
 */
export const ITEMS_IN_A_PART = 50;

/**
 * - `open`        takes items and has none yet
 * - `running`     items have not begun, or are under way
 * - `finished`    every item has an outcome; further items can be added
 * - `cancelling`  cancelled; what had begun goes on to its outcome
 * - `cancelled`   cancelled, and nothing is under way any more
 * - `closed`      its time is over: it takes no items any more
 * - `stopped`     its workflow was ended from outside Mooring
 */
export const batchStatuses = ['open', 'running', 'finished', 'cancelling', 'cancelled', 'closed', 'stopped'] as const;
export type BatchStatus = (typeof batchStatuses)[number];

/**
 * What became of an item, with the letter that stands for it in a batch's state: 5,000 items are 5 KB then.
 *
 * - `waiting`            the cloud has not let it in for a while; its connection goes on, and is looked at again
 * - `refused`            the cloud refused what was submitted; its connection waits for other values
 * - `already_connected`  another connection of the tenant has exactly this; no connection was started
 * - `failed`             no connection could be started, or it ended meanwhile
 * - `cancelled`          the batch was cancelled before it began
 */
export const itemOutcomes = {
  pending: 'p',
  connecting: 'c',
  connected: 'k',
  waiting: 'w',
  refused: 'r',
  already_connected: 'a',
  failed: 'f',
  cancelled: 'x',
} as const;
export type ItemOutcome = keyof typeof itemOutcomes;
export const itemOutcomeNames = Object.keys(itemOutcomes) as readonly ItemOutcome[];

const byLetter: ReadonlyMap<string, ItemOutcome> = new Map(itemOutcomeNames.map((name) => [itemOutcomes[name], name]));

/** Undefined for a letter of a newer build. */
export const outcomeOfLetter = (letter: string | undefined): ItemOutcome | undefined => byLetter.get(letter ?? '');

/** How many items have each outcome. */
export type BatchCounts = Readonly<Record<ItemOutcome, number>>;

/** What every connection of a batch is made with. */
export interface BatchTerms {
  readonly tags: readonly string[];
  /** Minted for the batch, and shared by its connections. Never from outside. */
  readonly setup: ConnectionInput['setup'];
  readonly discovery: ConnectionInput['discovery'];
  /** Seconds after which waiting for propagation ends; null = when the connection's invitation expires. */
  readonly deadlineSeconds: number | null;
  /** The connections that the tenant may have; null = no limit. */
  readonly mostConnections: number | null;
  readonly by?: Actor;
}

/** The input of a batch's workflow. The id is the batch's. */
export interface BatchInput extends ConnectionRef {
  readonly name: string | null;
  readonly terms: BatchTerms;
  /** How many items are connected at once. */
  readonly window: number;
  /** How long it takes items. */
  readonly openSeconds: number;
}

/** The public view of a batch, in answers of the API and in the workflow's memo. */
export interface BatchView extends ConnectionRef {
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly status: BatchStatus;
  readonly items: number;
  readonly counts: BatchCounts;
  readonly window: number;
  readonly setup: ConnectionInput['setup'];
  readonly createdAt: string;
  readonly updatedAt: string;
  /** ISO 8601: it takes items until then. */
  readonly closesAt: string;
}

/** `ref` names where the items are stored; the message carries none of them. */
export interface AddItemsCommand extends Command {
  readonly ref: string;
  readonly count: number;
}

export interface AddItemsReply {
  readonly view: BatchView;
  /** The number of the first of these items. */
  readonly from: number;
}

/** The names of the messages of a batch's workflow. */
export const batchMessages = {
  addItems: 'addItems',
  cancel: 'cancel',
  view: 'view',
  /** The outcomes of all items in order, a letter each. */
  outcomes: 'outcomes',
} as const;

/** Where the values of an item are: the `position` in a part of what was stored under `ref`. */
export interface ItemPlace {
  readonly index: number;
  readonly ref: string;
  readonly part: number;
  readonly position: number;
}

/** What subscribers are told of a batch. */
export interface BatchNews {
  readonly event: 'batch_progress' | 'batch_finished';
  readonly at: string;
  readonly status: BatchStatus;
  readonly items: number;
  readonly counts: BatchCounts;
}

export interface AdvanceInput {
  readonly batch: ConnectionRef;
  readonly terms: BatchTerms;
  /** Items to begin. */
  readonly begin: readonly ItemPlace[];
  /** Items that were begun before. */
  readonly watch: readonly number[];
  /** Published first. */
  readonly news: BatchNews | null;
}

export interface SettledItem {
  readonly index: number;
  readonly outcome: Exclude<ItemOutcome, 'pending' | 'connecting' | 'waiting' | 'cancelled'>;
}

export interface AdvanceOutcome {
  readonly settled: readonly SettledItem[];
  /** Items that have no connection: they have not begun. */
  readonly absent: readonly number[];
}

export interface BatchActivities {
  /** Begins items, looks at those under way until something has settled, and answers what has. Idempotent. */
  advanceBatch(input: AdvanceInput): Promise<AdvanceOutcome>;
  /** Publishes news of a batch. Best effort. */
  tellBatch(input: { readonly batch: ConnectionRef; readonly news: BatchNews }): Promise<void>;
}

/** What a reader is shown of an item beside its outcome. */
export interface ItemDetails {
  /** What people know it by, e.g. a role's ARN. Never secret. */
  readonly label: string | null;
  readonly connection: string | null;
  readonly problem: Problem | null;
}
