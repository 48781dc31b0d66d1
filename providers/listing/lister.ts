import type { JsonObject } from '../../platform/json.ts';
import type { Secret } from '../../platform/secret.ts';
import type { InventoryRow } from '../../stores/inventory/port.ts';
import type { Problem, ProblemClass } from '../../contracts/problem.ts';
import type { RegionSettings } from '../manifests/settings.ts';

/** The port that a cloud's resources are listed through. A cloud without projects has kinds of scope `account` only. */
export interface ResourceLister {
  readonly kinds: readonly ResourceKind[];
  /** Of the kinds, the one that `listProjects` lists. */
  readonly projectKind: string;
  /** The projects that kinds of scope `project` are listed in. */
  listProjects(context: ListContext): Promise<Listing>;
  /**
   * One kind, in one project or at the account (`projectId` null). Throws `ProviderError` when nothing could be
   * listed, and the signal's reason when aborted. Never retries by itself.
   */
  listKind(context: ListContext, kind: string, projectId: string | null): Promise<Listing>;
  /** How resources are listed in this process at the moment; the same notice is on every listing. */
  readiness(): Promise<ListerReadiness>;
}

export interface ResourceKind {
  readonly id: string;
  /** In the plural, as people call them. */
  readonly label: string;
  readonly scope: 'account' | 'project';
}

export interface ListContext {
  readonly region: RegionSettings;
  /** The stored record. Its access token is used as it is: refresh first, then list. */
  readonly record: Secret<JsonObject>;
  readonly signal: AbortSignal;
}

/** `cli`: by the cloud's own program. `rest`: by its API, where the program can't be used. */
export type ListingSource = InventoryRow['source'];

export interface Listing {
  readonly rows: readonly InventoryRow[];
  /** False: something is missing from the rows, and what is not among them may still be there. */
  readonly complete: boolean;
  readonly losses: readonly Loss[];
  readonly source: ListingSource;
  /** Why the program was not used, for the operator. */
  readonly notice: Problem | null;
}

/** Something that could not be listed though the rest could. */
export interface Loss {
  /** Below the endpoint, e.g. `/cloud/project/…/instance/…`. */
  readonly path: string;
  readonly class: ProblemClass;
  readonly problem: Problem;
}

export interface ListerReadiness {
  readonly source: ListingSource;
  /** Of the program, where it says. */
  readonly version: string | null;
  readonly notice: Problem | null;
}
