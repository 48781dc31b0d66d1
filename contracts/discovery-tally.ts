import type { ChangeCounts, DiscoverySummary, DiscoveryTally, ListOutcome } from './discovery.ts';
import type { Problem } from './problem.ts';

const PROBLEMS_KEPT = 5;

export const emptyTally: DiscoveryTally = {
  lists: 0,
  complete: 0,
  partial: 0,
  failed: 0,
  resources: 0,
  added: 0,
  removed: 0,
  changed: 0,
  problems: [],
  notice: null,
};

/** The tally with one more list in it: a kind in a project. */
export function tallied(tally: DiscoveryTally, list: ListOutcome): DiscoveryTally {
  const { outcome, resources, changes, problem, notice } = list;
  return summed(tally, {
    lists: 1,
    complete: outcome === 'complete' ? 1 : 0,
    partial: outcome === 'partial' ? 1 : 0,
    failed: outcome === 'failed' ? 1 : 0,
    resources,
    ...changes,
    problems: problem ? [problem] : [],
    notice,
  });
}

export function summed(one: DiscoveryTally, other: DiscoveryTally): DiscoveryTally {
  return {
    lists: one.lists + other.lists,
    complete: one.complete + other.complete,
    partial: one.partial + other.partial,
    failed: one.failed + other.failed,
    resources: one.resources + other.resources,
    added: one.added + other.added,
    removed: one.removed + other.removed,
    changed: one.changed + other.changed,
    problems: distinct([...one.problems, ...other.problems]).slice(0, PROBLEMS_KEPT),
    notice: one.notice ?? other.notice,
  };
}

/** The tally with changes of a list that is still being made. */
export const withChanges = (tally: DiscoveryTally, changes: ChangeCounts): DiscoveryTally =>
  summed(tally, { ...emptyTally, ...changes });

/** The outcome of a list that failed. */
export const failedList = (problem: Problem): ListOutcome => ({
  outcome: 'failed',
  resources: 0,
  changes: { added: 0, removed: 0, changed: 0 },
  problem,
  notice: null,
});

/**
 * Whether the result of a pass differs from the one before. Only then is the connection notified: an hourly "nothing
 * new" would cost history, and push all other entries out of the timeline.
 */
export function differs(before: DiscoverySummary | null, now: DiscoverySummary): boolean {
  if (!before || now.added + now.removed + now.changed > 0) return true;
  return before.failed !== now.failed || before.partial !== now.partial || codesOf(before) !== codesOf(now);
}

export function sentenceOf(tally: DiscoveryTally): string {
  const { resources, added, removed, changed, failed, partial } = tally;
  if (isBlind(tally)) return `No resources could be listed.${causeOf(tally)} The last known ones stay.`;
  const gaps =
    failed + partial > 0 ? ` ${failed} lists failed and ${partial} are partial; their last good rows stay.` : '';
  return `${resources} resources found: ${added} added, ${removed} removed, ${changed} changed.${gaps}`;
}

const warningCodes: readonly string[] = ['inventory_unreadable', 'inventory_incomplete'];

/** What a connection warns of after its last pass; null = every list was complete. */
function warningOf(last: DiscoverySummary): Problem | null {
  const { lists, failed, partial, problems } = last;
  if (failed + partial === 0) return null;
  const remedy = problems[0]?.remedy ?? 'The next discovery tries again.';
  if (isBlind(last)) {
    const message = `The resources of this account could not be listed at ${last.finishedAt}.${causeOf(last)}`;
    return { code: 'inventory_unreadable', message, remedy };
  }
  const message = `Not all resources are listed: ${failed} of ${lists} lists failed and ${partial} are partial.${causeOf(last)}`;
  return { code: 'inventory_incomplete', message, remedy };
}

/** The warnings of a connection, with that of its last discovery in the place of an earlier one. */
export function withInventoryWarning(warnings: readonly Problem[], last: DiscoverySummary | null): readonly Problem[] {
  const others = warnings.filter(({ code }) => !warningCodes.includes(code));
  const warning = last && warningOf(last);
  return warning ? [...others, warning] : others;
}

/** Nothing was read at all, so "0 resources" would not be true. */
const isBlind = ({ lists, failed }: DiscoveryTally): boolean => lists > 0 && failed === lists;

const causeOf = ({ problems }: DiscoveryTally): string =>
  problems[0] ? ` The first problem: ${problems[0].message}` : '';

const codesOf = ({ problems, notice }: DiscoveryTally): string =>
  [...problems.map(({ code }) => code).sort(), notice?.code ?? ''].join(' ');

function distinct(problems: readonly Problem[]): Problem[] {
  const codes = new Set<string>();
  return problems.filter(({ code }) => !codes.has(code) && codes.add(code));
}
