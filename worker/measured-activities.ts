import { Counter, Histogram } from 'prom-client';
import { measured, operationSeconds, secondsBuckets, type Registry } from '../platform/metrics.ts';
import type { RefreshObserver } from '../activities/dependencies.ts';
import type { ConnectionActivities } from '../workflows/contracts/activities.ts';
import type { DiscoveryActivities } from '../workflows/contracts/discovery.ts';


const LATENESS_BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600];

type Activities = ConnectionActivities & DiscoveryActivities;

/** The same activities, measured: how long each takes, and lists of resources by kind. */
export function measuredActivities(activities: Activities, metrics: Registry): Activities {
  const registers = [metrics];
  const lists = new Histogram({
    name: 'mooring_discovery_list_seconds',
    help: 'Lists of resources by provider, kind and outcome.',
    labelNames: ['provider', 'kind', 'outcome'],
    buckets: [...secondsBuckets, 60, 120],
    registers,
  });
  const observe = operationSeconds(metrics, 'mooring_activity_seconds', 'Activities; "failed" is tried again.');

  return measured(
    {
      ...activities,
      async listResources(input) {
        const startedAtMs = performance.now();
        const outcome = await activities.listResources(input);
        const labels = { provider: input.connection.provider, kind: input.list.kind, outcome: outcome.outcome };
        lists.observe(labels, (performance.now() - startedAtMs) / 1_000);
        return outcome;
      },
    } satisfies Activities,
    observe,
    () => performance.now(),
  );
}

/** Counts how attempts to renew ended; `fresh` and `busy` have spent nothing, `held` waits for its provider. */
export function createRefreshObserver(metrics: Registry): RefreshObserver {
  const attempts = new Counter({
    name: 'mooring_refreshes_total',
    help: 'Attempts to renew a credential by provider and outcome; fresh, busy and held have spent nothing.',
    labelNames: ['provider', 'outcome'],
    registers: [metrics],
  });
  const lateness = new Histogram({
    name: 'mooring_refresh_lateness_seconds',
    help: 'From when a renewal was due to its beginning.',
    labelNames: ['provider'],
    buckets: LATENESS_BUCKETS,
    registers: [metrics],
  });
  return {
    attempted(provider, outcome, lateSeconds) {
      attempts.inc({ provider, outcome });
      if (lateSeconds !== null) lateness.observe({ provider }, lateSeconds);
    },
  };
}
