import { Counter, Histogram } from 'prom-client';
import { measured, operationSeconds, secondsBuckets, type Registry } from '../platform/metrics.ts';
import type { DiscoveryTools, RefreshObserver } from '../activities/dependencies.ts';

const DISCOVERY_BUCKETS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800];

const LATENESS_BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600];

/** The same activities, measured: how long each takes. */
export function measuredActivities<A extends object>(activities: A, metrics: Registry): A {
  const observe = operationSeconds(metrics, 'mooring_activity_seconds', 'Activities; "failed" is tried again.');
  return measured(activities, observe, () => performance.now());
}

/** Observes whole discoveries that list to their end. */
export function passSeconds(metrics: Registry): NonNullable<DiscoveryTools['onPass']> {
  const passes = new Histogram({
    name: 'mooring_discovery_seconds',
    help: 'Whole discoveries by provider, as they end.',
    labelNames: ['provider'],
    buckets: DISCOVERY_BUCKETS,
    registers: [metrics],
  });
  return ({ provider, seconds }) => passes.observe({ provider }, seconds);
}

/** Observes each list of resources; many are made in one activity. */
export function listSeconds(metrics: Registry): NonNullable<DiscoveryTools['onList']> {
  const lists = new Histogram({
    name: 'mooring_discovery_list_seconds',
    help: 'Lists of resources by provider, kind and outcome.',
    labelNames: ['provider', 'kind', 'outcome'],
    buckets: [...secondsBuckets, 60, 120],
    registers: [metrics],
  });
  return ({ seconds, ...labels }) => lists.observe(labels, seconds);
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
