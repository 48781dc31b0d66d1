import type { ConnectionRef } from './connection.ts';
import type { Problem } from './problem.ts';

export type DiscoveryTrigger = 'connected' | 'scheduled' | 'requested' | 'reauthorised';

/** One list to make: a kind of resource in a project, or at the account (`project` null). */
export interface ListRef {
  readonly kind: string;
  readonly project: string | null;
}

export interface ChangeCounts {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** What came of one list. Counts alone: rows never enter history. */
export interface ListOutcome {
  readonly outcome: 'complete' | 'partial' | 'failed' | 'unauthorized' | 'dropped';
  readonly resources: number;
  readonly changes: ChangeCounts;
  readonly problem: Problem | null;
  /** How resources are listed at present, where that is not as it should be (a program that is missing). */
  readonly notice: Problem | null;
}

export interface DiscoveryTally extends ChangeCounts {
  readonly lists: number;
  readonly complete: number;
  readonly partial: number;
  readonly failed: number;
  readonly resources: number;
  /** One for each code, at most a few. */
  readonly problems: readonly Problem[];
  readonly notice: Problem | null;
}

export interface DiscoverySummary extends DiscoveryTally {
  readonly trigger: DiscoveryTrigger;
  readonly startedAt: string;
  readonly finishedAt: string;
}

export interface DiscoveryView {
  /** Null = not scheduled: on demand alone. */
  readonly intervalSeconds: number | null;
  readonly nextAt: string | null;
  readonly running: { readonly since: string; readonly trigger: DiscoveryTrigger } | null;
  readonly last: DiscoverySummary | null;
}

export interface DiscoveryInput {
  readonly connection: ConnectionRef;
  /** Inventory writes carry it and are refused after the inventory of this epoch was dropped. */
  readonly epoch: number;
  readonly trigger: DiscoveryTrigger;
  /** When it was asked for: tells the parent which of its discoveries this one is. */
  readonly since: string;
  /** Lists at once for this connection; the worker bounds all of them together. */
  readonly concurrency: number;
}

/** Carried from run to run of one discovery. */
export interface DiscoveryProgress {
  readonly remaining: readonly ListRef[];
  readonly tally: DiscoveryTally;
}

export type DiscoveryDone = { readonly since: string } & (
  | { readonly outcome: 'done'; readonly summary: DiscoverySummary }
  /** The cloud refused the token: one forced refresh, then action is required. */
  | { readonly outcome: 'unauthorized'; readonly problem: Problem }
);

export interface DiscoveryActivities {
  /** Lists the projects and plans every list to make. Keeps the last known projects where they can't be listed. */
  planDiscovery(input: {
    readonly connection: ConnectionRef;
    readonly epoch: number;
  }): Promise<{ readonly outcome: ListOutcome; readonly lists: readonly ListRef[] }>;
  /** Makes one list and puts it into the inventory. */
  listResources(input: {
    readonly connection: ConnectionRef;
    readonly epoch: number;
    readonly list: ListRef;
  }): Promise<ListOutcome>;
  /** Drops the inventory of a connection; later writes of this epoch or an older one are refused. Idempotent. */
  dropInventory(input: { readonly connection: ConnectionRef; readonly epoch: number }): Promise<void>;
}
