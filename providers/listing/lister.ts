import type { JsonObject } from '../../platform/json.ts';
import type { Secret } from '../../platform/secret.ts';
import type { InventoryRow } from '../../stores/inventory/port.ts';
import type { Problem, ProblemClass } from '../../contracts/problem.ts';
import type { RegionSettings } from '../manifests/settings.ts';
import type { DiscoveryManifest } from '../manifests/types.ts';

/** The port that a cloud's resources are listed through. The cloud's manifest names the kinds. */
export interface ResourceLister {
  readonly manifest: DiscoveryManifest;
  /** All lists but that of the projects; those that take longest first. Each kind is in exactly one of them. */
  readonly lists: readonly ListDefinition[];
  /**
   * The most projects that one account is listed in at the same time, where the cloud limits calls by the account as a
   * whole. Left out = as many as there are free slots.
   */
  readonly placesAtOnce?: number;
  /**
   * The projects that lists of scope `project` are made in. Asked only where the manifest names a kind of project; throws
   * like {@link list}. In a pass it is called before the lists of any project, which may then be under way beside it.
   */
  listProjects(context: ListContext): Promise<Listing>;
  /**
   * One list. Throws `ProviderError` when nothing of it could be read, whatever the kind, and the signal's reason when
   * aborted. A right that is missing is a kind that failed. Calls that are limited by the cloud are paced here, by its
   * `Retry-After`; nothing else is retried: kinds that failed or lost parts for a cause of class `transient` are asked
   * for again by the caller.
   *
   * A thrown error of class `revoked` ends the whole discovery: the credential is refreshed, and after a second one the
   * customer must act. So it is only for what the cloud says of the credential itself, e.g. HTTP 401 or an expired token,
   * never for one call, project or region that is refused. Within a kind's failure or a loss the class means nothing
   * more than `user`.
   */
  list(context: ListContext, request: ListRequest): Promise<Listing>;
  /**
   * A second witness for rows that a complete list no longer has. Asked only where something would be removed. Throws
   * like {@link list}. Left out where the cloud has no other way to ask: then the next passes decide.
   */
  confirmGone?(context: ListContext, request: AbsentRows): Promise<Absence>;
  /** How resources are listed in this process at the moment; the same notice is on every listing. */
  readiness(): Promise<ListerReadiness>;
}

/** What is read with one call, or one chain of calls: one kind, or several that the cloud answers together. */
export interface ListDefinition {
  readonly id: string;
  readonly scope: 'account' | 'project';
  readonly kinds: readonly string[];
}

export interface ListRequest {
  /** The id of a {@link ListDefinition}. */
  readonly list: string;
  /** Those of its kinds that are wanted: all at first, in a retry those that are still missing. */
  readonly kinds: readonly string[];
  /** The id of a project; null at the account. */
  readonly projectId: string | null;
}

export interface AbsentRows {
  readonly kind: string;
  readonly projectId: string | null;
  readonly rows: readonly InventoryRow[];
}

/** What the second witness says. A row that is in neither set is left to the next passes. */
export interface Absence {
  /** Keys of rows that the cloud says do not exist. */
  readonly gone: ReadonlySet<string>;
  /** Keys of rows that exist although the list lacks them. */
  readonly there: ReadonlySet<string>;
  /** Why the others cannot be asked about, e.g. because a role was lost: no pass removes them while this is so. */
  readonly refused: ListFailure | null;
}

export interface ListContext {
  readonly connectionId: string;
  readonly region: RegionSettings;
  /** The stored record. Its access token is used as it is: refresh first, then list. */
  readonly record: Secret<JsonObject>;
  readonly signal: AbortSignal;
}

export interface Listing {
  /** One for each kind that was asked for. */
  readonly kinds: readonly KindListing[];
  /** How it was listed: a word of the manifest's `sources`. */
  readonly source: string;
  /** Why the preferred way was not used, for the operator. */
  readonly notice: Problem | null;
}

export type KindListing =
  | {
      readonly kind: string;
      readonly outcome: 'listed';
      /** Stamped with the kind, and with the project of the list. */
      readonly rows: readonly InventoryRow[];
      /** None = the list is complete. Otherwise what is not among the rows may still be there. */
      readonly losses: readonly Loss[];
    }
  /** Nothing of this kind could be read. */
  | { readonly kind: string; readonly outcome: 'failed'; readonly failure: ListFailure };

export interface ListFailure {
  readonly class: ProblemClass;
  readonly problem: Problem;
  readonly retryAfterSeconds: number | null;
  /** Set where a right is missing, and with it the right that the cloud named, e.g. `ec2:DescribeInstances`. */
  readonly denied: DeniedRight | null;
}

export interface DeniedRight {
  /** Null = the cloud did not say which. */
  readonly action: string | null;
}

/** Something that could not be listed though the rest could. */
export interface Loss extends ListFailure {
  /** Below the endpoint, e.g. `/cloud/project/…/instance/…`, or what the cloud calls the part: a zone, a row. */
  readonly path: string;
}

export interface ListerReadiness {
  readonly source: string;
  /** Of the program, where it says. */
  readonly version: string | null;
  readonly notice: Problem | null;
}
