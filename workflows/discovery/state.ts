import { differs, sentenceOf } from '../../contracts/discovery-tally.ts';
import type { DiscoverySummary, DiscoveryView } from '../../contracts/discovery.ts';
import type { Problem } from '../../contracts/problem.ts';

/**
 * What a connection knows of its discoveries; a part of its state. When one began and when the next is due stands
 * beside the inventory (`stores/inventory/pass.ts`): a pass that finds nothing new leaves the connection alone.
 */
export interface DiscoveryState {
  readonly intervalSeconds: number | null;
  readonly concurrency: number;
  /** The last pass that had something to tell. */
  readonly last: DiscoverySummary | null;
  /** The token was refused and has been refreshed since: a second refusal means the customer must act. */
  readonly refreshed: boolean;
}

export type DiscoveryEvent =
  | { readonly type: 'discoveryFinished'; readonly summary: DiscoverySummary }
  | { readonly type: 'discoveryRefused'; readonly problem: Problem };

interface DiscoveryChange {
  readonly discovery: DiscoveryState;
  readonly note?: readonly [event: string, text: string];
}

export function initialDiscovery(terms: { intervalSeconds: number | null; concurrency: number }): DiscoveryState {
  return { ...terms, last: null, refreshed: false };
}

/** A new sign-in: the next refusal is about another token. */
export const startsDiscovery = (state: DiscoveryState): DiscoveryState => ({ ...state, refreshed: false });

export function reduceDiscovery(state: DiscoveryState, event: DiscoveryEvent): DiscoveryChange {
  switch (event.type) {
    case 'discoveryFinished': {
      const { summary } = event;
      const discovery = { ...state, last: summary, refreshed: false };
      return differs(state.last, summary) ? { discovery, note: ['discovered', sentenceOf(summary)] } : { discovery };
    }
    case 'discoveryRefused':
      return { discovery: { ...state, refreshed: true }, note: ['discovery_refused', event.problem.message] };
  }
}

/** As the workflow knows it: the recorded pass is laid over it by who reads it (`withPass`). */
export const discoveryView = ({ intervalSeconds, last }: DiscoveryState): DiscoveryView => ({
  intervalSeconds,
  nextAt: null,
  running: null,
  last,
});
