import { emptyTally, tallied, withChanges } from '../../contracts/discovery-tally.ts';
import type { ChangeCounts, DiscoveryTally, ListOutcome } from '../../contracts/discovery.ts';
import type { ListJob } from './list-jobs.ts';

/** The access to a kind that was lost or came back, in one project or in several. */
export interface AccessChange {
  readonly access: 'lost' | 'regained';
  readonly kind: string;
  /** The first of the projects; null = the account. */
  readonly project: string | null;
  readonly projects: number;
  /** The right that the cloud named first. */
  readonly action: string | null;
}

/** The progress of the lists in an activity, which an attempt passes to the next one in its heartbeat. */
export interface ListProgress {
  /** 1 was the progress of a single place. */
  readonly v: 2;
  readonly jobs: Readonly<Record<string, JobProgress>>;
  readonly tally: DiscoveryTally;
  readonly access: readonly AccessChange[];
}

interface JobProgress {
  /** The kinds that are complete, or have failed for good; true = all of them. */
  readonly done: readonly string[] | true;
  readonly tries: number;
}

const nothing: ListProgress = { v: 2, jobs: {}, tally: emptyTally, access: [] };
const unbegun: JobProgress = { done: [], tries: 0 };

/** The progress of the previous attempt; empty where there is none, or it has another version. */
export function readProgress(details: unknown): ListProgress {
  const known = details as Partial<ListProgress> | null | undefined;
  return known?.v === 2 ? { ...nothing, ...known } : nothing;
}

/** Names a list in its place. */
export const keyOf = ({ list, place }: Pick<ListJob, 'list' | 'place'>): string => JSON.stringify([list, place]);
const progressOf = ({ jobs }: ListProgress, job: ListJob): JobProgress => jobs[keyOf(job)] ?? unbegun;

export const triesOf = (progress: ListProgress, job: ListJob): number => progressOf(progress, job).tries;

/** The kinds of a job that are not done. */
export function kindsLeft(progress: ListProgress, job: ListJob): readonly string[] {
  const { done } = progressOf(progress, job);
  return done === true ? [] : job.kinds.filter((kind) => !done.includes(kind));
}

/** What an attempt at a list has brought of one kind. */
export interface KindOutcome {
  readonly kind: string;
  /** Null = the kind is asked for again, and only its changes so far are counted. */
  readonly outcome: ListOutcome | null;
  readonly changes: ChangeCounts;
  readonly access: AccessChange | null;
}

export function withAttempt(before: ListProgress, job: ListJob, kinds: readonly KindOutcome[]): ListProgress {
  const { done, tries } = progressOf(before, job);
  const ended = kinds.flatMap(({ kind, outcome }) => (outcome ? [kind] : []));
  const allDone = done === true ? job.kinds : [...done, ...ended];
  const isDone = job.kinds.every((kind) => allDone.includes(kind));
  return {
    ...before,
    jobs: { ...before.jobs, [keyOf(job)]: { done: isDone ? true : allDone, tries: tries + 1 } },
    tally: kinds.reduce(
      (tally, { outcome, changes }) => (outcome ? tallied(tally, outcome) : withChanges(tally, changes)),
      before.tally,
    ),
    access: kinds.reduce((known, { access }) => (access ? withAccess(known, access) : known), before.access),
  };
}

/** One entry for a kind, whatever the number of projects: a role that lost a right loses it in every region at once. */
function withAccess(known: readonly AccessChange[], change: AccessChange): AccessChange[] {
  const isSame = (one: AccessChange): boolean => one.kind === change.kind && one.access === change.access;
  const same = known.find(isSame);
  if (!same) return [...known, change];
  const projects = same.projects + change.projects;
  return known.map((one) => (one === same ? { ...one, projects, action: one.action ?? change.action } : one));
}
