import type { RefreshOutcome } from '../../workflows/contracts/activities.ts';

/** After this many failures in a row a provider's local refreshes are sent to the upkeep queue… */
const FAILURES_UNTIL_DEGRADED = 5;
/** …until one succeeds, or this long after the last failure. */
const DEGRADED_MS = 60_000;

interface ProviderState {
  inFlight: number;
  failures: number;
  lastFailureAt: number;
}

/**
 * Local refreshes hold workflow-task slots while a cloud answers: one hanging provider must not stop the others. At
 * most `cap` for each provider, none while the provider is degraded. One gate for a worker.
 */
export interface RefreshGate {
  /** Undefined = go through the upkeep queue. Otherwise call the answer when done. */
  enter(provider: string): (() => void) | undefined;
  /** What came of a refresh, local or not. */
  note(provider: string, outcome: RefreshOutcome['outcome']): void;
}

export function createRefreshGate({ cap, now }: { cap: number; now: () => number }): RefreshGate {
  const states = new Map<string, ProviderState>();
  const stateOf = (provider: string): ProviderState => {
    let state = states.get(provider);
    if (!state) states.set(provider, (state = { inFlight: 0, failures: 0, lastFailureAt: 0 }));
    return state;
  };
  return {
    enter(provider) {
      const state = stateOf(provider);
      const degraded = state.failures >= FAILURES_UNTIL_DEGRADED && now() - state.lastFailureAt < DEGRADED_MS;
      if (degraded || state.inFlight >= cap) return undefined;
      state.inFlight += 1;
      return () => {
        state.inFlight -= 1;
      };
    },
    note(provider, outcome) {
      const state = stateOf(provider);
      if (outcome === 'unavailable') {
        state.failures += 1;
        state.lastFailureAt = now();
      } else if (outcome === 'refreshed') {
        state.failures = 0;
      }
    },
  };
}
