import type { Repository } from './repository.ts';

/** One rule of the house, kept by `npm run check`. */
export interface Check {
  /** What `npm run check -- <name>` runs alone. */
  readonly name: string;
  run(repository: Repository): Promise<Verdict> | Verdict;
}

export interface Verdict {
  /** One sentence each, starting with where: `path:line: …`. None = the rule holds. */
  readonly problems: readonly string[];
  /** Something to read in the summary although the rule holds, e.g. what was measured or not run. */
  readonly note?: string;
}
