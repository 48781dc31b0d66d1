import { iso } from './contracts/time.ts';
import type {
  DiscoverySummary,
  DiscoveryTrigger,
  DiscoveryView,
  ListOutcome,
  DiscoveryTally,
} from './contracts/discovery.ts';
import type { Problem } from './contracts/problem.ts';

const JITTER = 0.1;
const PROBLEMS_KEPT = 5;
/** A discovery that was terminated by hand tells nobody: after this long another may start. */
const LOST_AFTER_MS = 6 * 60 * 60 * 1000;

/** What a connection knows of its discoveries; a part of its state. */
export interface DiscoveryState {
  readonly intervalSeconds: number | null;
  readonly concurrency: number;
  readonly nextAt: string | null;
  readonly running: { readonly since: string; readonly trigger: DiscoveryTrigger } | null;
  readonly last: DiscoverySummary | null;
  /** The token was refused and has been refreshed since: a second refusal means the customer must act. */
  readonly refreshed: boolean;
}

export type DiscoveryEvent =
  | { readonly type: 'discoveryStarted'; readonly trigger: DiscoveryTrigger; readonly since: string }
  /** `random` is 0 ≤ x < 1: discoveries that began together must not stay together. */
  | { readonly type: 'discoveryFinished'; readonly summary: DiscoverySummary; readonly random: number }
  | { readonly type: 'discoveryRefused'; readonly problem: Problem; readonly random: number };

interface DiscoveryChange {
  readonly discovery: DiscoveryState;
  readonly note?: readonly [event: string, text: string];
}

export function initialDiscovery(terms: { intervalSeconds: number | null; concurrency: number }): DiscoveryState {
  return { ...terms, nextAt: null, running: null, last: null, refreshed: false };
}

/** A connection that has just come in is looked at right away. */
export const startsDiscovery = (state: DiscoveryState, at: string): DiscoveryState => ({
  ...state,
  nextAt: at,
  refreshed: false,
});

export function reduceDiscovery(state: DiscoveryState, event: DiscoveryEvent, at: string): DiscoveryChange {
  switch (event.type) {
    case 'discoveryStarted':
      return { discovery: { ...state, nextAt: null, running: { since: event.since, trigger: event.trigger } } };
    case 'discoveryFinished': {
      const { summary } = event;
      const done = {
        ...state,
        running: null,
        last: summary,
        refreshed: false,
        nextAt: nextAt(state, at, event.random),
      };
      return tells(state.last, summary)
        ? { discovery: done, note: ['discovered', sentence(summary)] }
        : { discovery: done };
    }
    case 'discoveryRefused':
      return {
        discovery: { ...state, running: null, refreshed: true, nextAt: nextAt(state, at, event.random) },
        note: ['discovery_refused', event.problem.message],
      };
  }
}

/** One that was lost is made up for, also where none is scheduled: somebody waits for what it was started for. */
export const nextDiscoveryAt = ({ running, nextAt: next }: DiscoveryState): string | null =>
  running ? iso(Date.parse(running.since) + LOST_AFTER_MS) : next;

/** True while one is under way, as far as is known. */
export const isDiscovering = ({ running }: DiscoveryState, nowMs: number): boolean =>
  running !== null && nowMs - Date.parse(running.since) < LOST_AFTER_MS;

export function discoveryView({ intervalSeconds, nextAt: next, running, last }: DiscoveryState): DiscoveryView {
  return { intervalSeconds, nextAt: next, running, last };
}

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

export function tallied(
  tally: DiscoveryTally,
  { outcome, resources, changes, problem, notice }: ListOutcome,
): DiscoveryTally {
  const news = problem && !tally.problems.some(({ code }) => code === problem.code) ? [problem] : [];
  return {
    lists: tally.lists + 1,
    complete: tally.complete + (outcome === 'complete' ? 1 : 0),
    partial: tally.partial + (outcome === 'partial' ? 1 : 0),
    failed: tally.failed + (outcome === 'failed' ? 1 : 0),
    resources: tally.resources + resources,
    added: tally.added + changes.added,
    removed: tally.removed + changes.removed,
    changed: tally.changed + changes.changed,
    problems: [...tally.problems, ...news].slice(0, PROBLEMS_KEPT),
    notice: tally.notice ?? notice,
  };
}

function nextAt({ intervalSeconds }: DiscoveryState, at: string, random: number): string | null {
  return intervalSeconds === null ? null : iso(Date.parse(at) + intervalSeconds * 1000 * (1 - JITTER * random));
}

/** The timeline keeps what differs: an hourly "nothing new" would push everything else out of it. */
function tells(last: DiscoverySummary | null, { added, removed, changed, failed, partial }: DiscoverySummary): boolean {
  if (!last || added + removed + changed > 0) return true;
  return last.failed !== failed || last.partial !== partial;
}

function sentence({ resources, added, removed, changed, failed, partial }: DiscoverySummary): string {
  const gaps =
    failed + partial > 0 ? ` ${failed} lists failed and ${partial} are partial; their last good rows stay.` : '';
  return `${resources} resources found: ${added} added, ${removed} removed, ${changed} changed.${gaps}`;
}
