import type { Place } from '../../contracts/discovery.ts';
import type { ResourceLister } from '../../providers/listing/lister.ts';

/** One list to make in one place. */
export interface ListJob {
  /** The id of one of the lister's lists; null = the list of projects. */
  readonly list: string | null;
  readonly place: Place;
  /** The kinds that are wanted of it. */
  readonly kinds: readonly string[];
  /** Those with lower numbers begin first. */
  readonly rank: number;
}

export interface ListJobs {
  /** Every list of a place, without kinds that the connection's method can never list. */
  readonly inPlace: (place: Place) => readonly ListJob[];
  /** Undefined where there are no projects. */
  readonly ofProjects: ListJob | undefined;
}

export function createListJobs({ manifest, lists }: ResourceLister, cannotList: ReadonlySet<string>): ListJobs {
  const wanted = lists.map(({ id, scope, kinds }, rank) => ({
    scope,
    job: { list: id, kinds: kinds.filter((kind) => !cannotList.has(kind)), rank },
  }));
  const { projectKind } = manifest;
  const hasProjects = projectKind !== null && !cannotList.has(projectKind);
  return {
    inPlace: (place) =>
      wanted.flatMap(({ scope, job }) =>
        scope === (place === null ? 'account' : 'project') && job.kinds.length > 0 ? [{ ...job, place }] : [],
      ),
    // The first of all: the lists of the projects wait for it.
    ofProjects: hasProjects ? { list: null, place: null, kinds: [projectKind], rank: -1 } : undefined,
  };
}

/** The jobs that wait, in the order in which they begin. */
export interface JobQueue {
  add(jobs: readonly ListJob[]): void;
  /** The next one that may begin now; undefined = none, or none yet. */
  take(): ListJob | undefined;
  /** To be called when a job that was taken has ended. */
  ended(job: ListJob): void;
  /** Leaves out those that have not begun. */
  remove(jobs: readonly ListJob[]): void;
}

/**
 * The lists that take longest first, whatever their project, so that none of them begins as the last one and is waited
 * for. At most `placesAtOnce` projects have lists under way; a project that has begun is finished before another begins.
 */
export function createJobQueue(placesAtOnce = Infinity): JobQueue {
  let waiting: ListJob[] = [];
  /** Jobs that have not ended, by the projects that have begun. */
  const open = new Map<string, number>();

  const mayBegin = ({ place }: ListJob): boolean => place === null || open.has(place) || open.size < placesAtOnce;

  const ended = ({ place }: ListJob): void => {
    if (place === null) return;
    const left = (open.get(place) ?? 1) - 1;
    if (left > 0) open.set(place, left);
    else open.delete(place);
  };

  return {
    add(jobs) {
      waiting = [...waiting, ...jobs].sort((a, b) => a.rank - b.rank);
    },
    take() {
      const next = waiting.find(mayBegin);
      if (!next) return undefined;
      if (next.place !== null && !open.has(next.place)) {
        open.set(next.place, waiting.filter(({ place }) => place === next.place).length);
      }
      waiting = waiting.filter((job) => job !== next);
      return next;
    },
    ended,
    remove(jobs) {
      const removed = waiting.filter((job) => jobs.includes(job));
      waiting = waiting.filter((job) => !removed.includes(job));
      for (const job of removed) ended(job);
    },
  };
}
