import type { ConnectionRef } from './connection.ts';
import type { Problem } from './problem.ts';

/** `connected`: the first, or the first after the ephemeral store was lost. `reauthorised`: after a forced refresh. */
export const discoveryTriggers = ['connected', 'scheduled', 'requested', 'reauthorised'] as const;
export type DiscoveryTrigger = (typeof discoveryTriggers)[number];

/** A kind of resource in a project, or at the account (`project` null). */
export interface ListRef {
  readonly kind: string;
  readonly project: string | null;
}

export interface ChangeCounts {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** The outcome of one kind in one project. Only counts, because rows must never enter history. */
export interface ListOutcome {
  readonly outcome: 'complete' | 'partial' | 'failed' | 'unauthorized' | 'dropped';
  readonly resources: number;
  readonly changes: ChangeCounts;
  readonly problem: Problem | null;
  /** Set where lists are not made in the preferred way, e.g. because a program is missing. */
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
  /** When it was asked for. ISO 8601. */
  readonly since: string;
  /** The most lists at once for this connection. The worker also limits the lists of all connections together. */
  readonly concurrency: number;
}

/** Where resources are listed: the id of a project, or null = the account (resources that belong to no project). */
export type Place = string | null;

/** Carried from run to run of one discovery. */
export interface DiscoveryProgress {
  readonly remaining: readonly Place[];
  readonly tally: DiscoveryTally;
  /** Absent in a discovery that an older build planned: one activity for each place, several at the same time. */
  readonly placesPerActivity?: number;
}

export type DiscoveryDone = { readonly since: string } & (
  | { readonly outcome: 'done'; readonly summary: DiscoverySummary }
  /** The cloud refused the token: one forced refresh, then action is required. */
  | { readonly outcome: 'unauthorized'; readonly problem: Problem }
);

/** Whose inventory it is, and of which sign-in. */
export type DiscoveryPart = Pick<DiscoveryInput, 'connection' | 'epoch'>;

export type DiscoveryPlanned =
  /** The other projects, for further activities; `tally` has everything that was listed with the plan. */
  | ({ readonly outcome: 'planned'; readonly placesPerActivity: number } & Pick<DiscoveryProgress, 'tally'> & {
        readonly places: readonly Place[];
      })
  /** Everything is listed; the pass is recorded and told. */
  | { readonly outcome: 'ended' }
  /** The connection has ended. */
  | { readonly outcome: 'dropped' }
  | { readonly outcome: 'unauthorized'; readonly problem: Problem };

/** The outcome of all lists in a few places. */
export type PlaceOutcome =
  | { readonly outcome: 'listed' | 'dropped'; readonly tally: DiscoveryTally }
  | { readonly outcome: 'unauthorized'; readonly problem: Problem };

export interface DiscoveryActivities {
  /** Starts a discovery unless one runs. */
  startDiscovery(input: DiscoveryInput): Promise<'started' | 'running'>;
  /**
   * Records that a pass begins; lists the projects, what belongs to no project, and the first projects: known ones at the
   * same time, new ones when they are known. Where no project is left, the pass is ended as well: for most accounts this
   * is the only activity of a pass. The last known projects are used where they cannot be listed.
   */
  planDiscovery(input: DiscoveryInput): Promise<DiscoveryPlanned>;
  /**
   * Makes all lists in a few places, and writes each to the inventory as soon as it is made. A failed list is counted in
   * the tally. The heartbeat holds which lists are done, so that the next attempt makes only the others.
   */
  listProject(input: Omit<DiscoveryInput, 'trigger'> & { readonly places: readonly Place[] }): Promise<PlaceOutcome>;
  /** Records that the pass has ended (`tally` null = refused or cancelled), and signals news to the connection. */
  finishDiscovery(
    input: Omit<DiscoveryInput, 'concurrency'> & { readonly tally: DiscoveryTally | null },
  ): Promise<void>;
  /** Drops the inventory of a connection; later writes of this epoch or an older one are refused. Idempotent. */
  dropInventory(input: DiscoveryPart): Promise<void>;
}
