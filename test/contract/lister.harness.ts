import type { ListContext, ResourceLister } from '../../providers/listing/lister.ts';

/** What a cloud's tests give to the contract suite of listers (`lister.contract.ts`). */
export interface ListerHarness {
  /** A cloud whose account is empty, and its lister, whose deadlines are short. A new one for each test. */
  start(): Promise<CloudUnderTest>;
  /** A kind whose list has pages, and how many resources fill at least three of them. */
  readonly paged: { readonly kind: string; readonly count: number };
  /** The faults that this cloud has no equivalent of, each with the reason: their tests are left out. */
  readonly leftOut: Readonly<Partial<Record<keyof Faults, string>>>;
}

export interface CloudUnderTest {
  readonly lister: ResourceLister;
  /** Where lists of scope `project` are made; null = the lister has no projects. It is listed by `listProjects`. */
  readonly projectId: string | null;
  readonly context: (signal: AbortSignal) => ListContext;
  /**
   * So many more resources of a kind, in the project or at the account. `hunter2` stands wherever this cloud's answers
   * may hold a secret: user data, environment variables, start scripts, a tag that looks like a credential.
   */
  readonly seed: (kind: string, count: number) => Promise<void>;
  readonly faults: Partial<Faults>;
  /** Calls that the cloud has received from the lister so far, those of sign-ins left out. */
  readonly calls: () => number | Promise<number>;
  /** How long the lister has waited so far, as its injected clock or pause counts it. */
  readonly secondsWaited: () => number;
  /** What must never come out beside `hunter2`: the tokens and keys that the lister sends. */
  readonly secrets: readonly string[];
  readonly close: () => Promise<void>;
}

/** Each lasts until the cloud is closed, but for `times`. Each answers the kinds that it hits: those of one call. */
export interface Faults {
  /** The calls that list this kind answer with this status. */
  fail(kind: string, how: Failing): Promise<readonly string[]>;
  /** The credential itself has ended, e.g. HTTP 401: every call is refused. */
  endCredential(): Promise<void>;
  /** The right to list this kind is missing. Answers its name too, where the cloud says it. */
  deny(kind: string): Promise<{ readonly kinds: readonly string[]; readonly action: string | null }>;
  /** A call that lists this kind is never answered. Calls for other kinds are. */
  hang(kind: string): Promise<readonly string[]>;
  /** The last page of this kind names itself as its next page. */
  repeatToken(kind: string): Promise<readonly string[]>;
  /** The pages of this kind name each other as the next page, in a circle of two. */
  cycleTokens(kind: string): Promise<readonly string[]>;
  /** One row of this kind lacks what no row may lack, e.g. its id. The others stay as they are. */
  badRow(kind: string): Promise<readonly string[]>;
  /** HTTP 200 without the key that the rows of this kind stand under, e.g. `{}`. */
  noRows(kind: string): Promise<readonly string[]>;
  /** The resource with this id (`InventoryRow.id`) is deleted. Left out where the lister has no `confirmGone`. */
  remove(kind: string, id: string): Promise<void>;
}

export interface Failing {
  readonly status: 403 | 429 | 500;
  /** Sent as the cloud sends it. */
  readonly retryAfterSeconds?: number;
  /** So many times; then the calls are answered again. Left out = always. */
  readonly times?: number;
  /** The error repeats the headers of the request, as a broken proxy would. */
  readonly echo?: boolean;
}
