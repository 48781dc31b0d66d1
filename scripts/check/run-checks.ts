import type { Check, Repository, Verdict } from './check.ts';

export interface Outcome extends Verdict {
  readonly name: string;
  readonly seconds: number;
}

export interface RunOptions {
  /** How many checks run at once; most of them wait for a tool. */
  readonly concurrency: number;
  /** Milliseconds, from any origin. */
  readonly now: () => number;
  /** Called as each check ends. */
  readonly report: (outcome: Outcome) => void;
}

/** Runs every check, also after a failed one; answers the outcomes in the order given. */
export async function runChecks(
  checks: readonly Check[],
  repository: Repository,
  options: RunOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const queue = [...checks.entries()];
  const serve = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, check] = next;
      const startedAt = options.now();
      const verdict = await run(check, repository);
      const outcome = { ...verdict, name: check.name, seconds: (options.now() - startedAt) / 1000 };
      outcomes[index] = outcome;
      options.report(outcome);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, serve));
  return outcomes;
}

/** A check that throws counts as failed. */
async function run(check: Check, repository: Repository): Promise<Verdict> {
  try {
    return await check.run(repository);
  } catch (error) {
    return { problems: [`the check itself failed: ${error instanceof Error ? error.message : String(error)}`] };
  }
}
