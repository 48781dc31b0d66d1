import type { Actor } from './actor.ts';
import type { InvitationTerms } from './messages.ts';

/** The connections that one bulk job may have. */
export const MOST_TARGETS = 10_000;
/** Connections that one activity works on: so few that its cancellation is soon served. */
export const TARGETS_AT_ONCE = 50;

export const bulkActions = ['pause', 'resume', 'verify', 'reauthorize', 'tag', 'disconnect'] as const;
export type BulkAction = (typeof bulkActions)[number];

/** What is done with each connection. */
export type BulkDeed =
  | { readonly action: 'pause' | 'resume' | 'verify' | 'disconnect' }
  | { readonly action: 'reauthorize'; readonly invitation: InvitationTerms }
  | { readonly action: 'tag'; readonly add: readonly string[]; readonly remove: readonly string[] };

/**
 * What became of a connection in a job, with the letter that stands for it in the job's state: 10,000 are 10 KB then.
 *
 * - `done`        it was carried out, or was so already
 * - `unanswered`  the connection may have been asked, and no answer came; it may be carried out
 * - `refused`     the connection refused it in its present state
 * - `gone`        the connection had ended
 * - `cancelled`   the job was cancelled before the connection's turn
 */
export const targetOutcomes = {
  pending: 'p',
  done: 'd',
  unanswered: 'u',
  refused: 'r',
  gone: 'g',
  cancelled: 'x',
} as const;
export type TargetOutcome = keyof typeof targetOutcomes;
export const targetOutcomeNames = Object.keys(targetOutcomes) as readonly TargetOutcome[];

const byLetter: ReadonlyMap<string, TargetOutcome> = new Map(
  targetOutcomeNames.map((name) => [targetOutcomes[name], name]),
);

/** Undefined for a letter of a newer build. */
export const targetOutcomeOfLetter = (letter: string | undefined): TargetOutcome | undefined =>
  byLetter.get(letter ?? '');

export type SettledOutcome = Exclude<TargetOutcome, 'pending' | 'cancelled'>;

export type BulkCounts = Readonly<Record<TargetOutcome, number>>;

/**
 * - `running`     connections have not had their turn
 * - `finished`    each has an outcome
 * - `cancelling`  cancelled; what had begun comes to its outcome
 * - `cancelled`   cancelled, and nothing is under way any more
 * - `stopped`     its workflow was ended from outside Mooring
 */
export const bulkStatuses = ['running', 'finished', 'cancelling', 'cancelled', 'stopped'] as const;
export type BulkStatus = (typeof bulkStatuses)[number];

/** The input of a job's workflow. The targets are those that matched when it was asked for. */
export interface BulkInput {
  readonly v: 1;
  readonly id: string;
  readonly tenant: string;
  readonly deed: BulkDeed;
  readonly reason: string | null;
  /** Ids of connections. */
  readonly targets: readonly string[];
  readonly by: Actor;
}

/** The public view of a job, in answers of the API and in the workflow's memo. */
export interface BulkView {
  readonly id: string;
  readonly tenant: string;
  readonly action: BulkAction;
  readonly reason: string | null;
  readonly by: Actor;
  readonly status: BulkStatus;
  readonly targets: number;
  readonly counts: BulkCounts;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** The names of the messages of a job's workflow. */
export const bulkMessages = { cancel: 'cancel', results: 'results' } as const;

/** The query `results`: the outcomes of all targets in order, a letter each, and the targets. */
export interface BulkResults {
  readonly targets: readonly string[];
  readonly outcomes: string;
}

/** What subscribers are told of a job. */
export interface BulkNews {
  readonly event: 'bulk_progress' | 'bulk_finished';
  readonly at: string;
  readonly action: BulkAction;
  readonly status: BulkStatus;
  readonly targets: number;
  readonly counts: BulkCounts;
}

export interface Target {
  /** Its place in the job. */
  readonly index: number;
  readonly connection: string;
}

export interface ApplyInput {
  readonly bulk: { readonly id: string; readonly tenant: string };
  readonly deed: BulkDeed;
  readonly by: Actor;
  readonly targets: readonly Target[];
  /** Published first. */
  readonly news: BulkNews | null;
}

export interface SettledTarget {
  readonly index: number;
  readonly outcome: SettledOutcome;
}

export interface BulkActivities {
  /** Asks each connection to do it, and answers what became of those that had their turn. Can be repeated. */
  applyBulk(input: ApplyInput): Promise<readonly SettledTarget[]>;
  /** Publishes news of a job. Best effort. */
  tellBulk(input: { readonly bulk: ApplyInput['bulk']; readonly news: BulkNews }): Promise<void>;
}
