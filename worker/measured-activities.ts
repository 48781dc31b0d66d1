import { Counter, Histogram } from 'prom-client';
import type { Clock } from '../platform/clock.ts';
import { measured, operationSeconds, secondsBuckets, type Registry } from '../platform/metrics.ts';
import type { ConnectionActivities, RefreshInput } from '../workflows/contracts/activities.ts';
import type { DiscoveryActivities } from '../workflows/contracts/discovery.ts';

const LATENESS_BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600];
const DISCOVERY_BUCKETS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800];

type Activities = ConnectionActivities & DiscoveryActivities;

/** The same activities, with what operators ask of them: how refreshes end, how late they are, how long lists take. */
export function measuredActivities(activities: Activities, metrics: Registry, clock: Clock): Activities {
  const registers = [metrics];
  const refreshes = new Counter({
    name: 'mooring_refreshes_total',
    help: 'Refreshes by provider and outcome; `busy` and `saturated` have spent nothing and come again.',
    labelNames: ['provider', 'outcome'],
    registers,
  });
  const lateness = new Histogram({
    name: 'mooring_refresh_lateness_seconds',
    help: 'From when a refresh was due to its beginning.',
    labelNames: ['provider'],
    buckets: LATENESS_BUCKETS,
    registers,
  });
  const lists = new Histogram({
    name: 'mooring_discovery_list_seconds',
    help: 'Lists of resources by provider, kind and outcome.',
    labelNames: ['provider', 'kind', 'outcome'],
    buckets: [...secondsBuckets, 60, 120],
    registers,
  });
  const discoveries = new Histogram({
    name: 'mooring_discovery_seconds',
    help: 'Whole discoveries by provider, as they end.',
    labelNames: ['provider'],
    buckets: DISCOVERY_BUCKETS,
    registers,
  });
  const observe = operationSeconds(metrics, 'mooring_activity_seconds', 'Activities; "failed" is tried again.');

  return measured(
    {
      ...activities,
      async refreshCredential(input) {
        const { provider } = input.connection;
        const lateSeconds = secondsLate(input, clock.now());
        if (lateSeconds !== undefined) lateness.observe({ provider }, lateSeconds);
        const outcome = await activities.refreshCredential(input);
        refreshes.inc({ provider, outcome: outcome.outcome });
        return outcome;
      },
      async listResources(input) {
        const startedAtMs = performance.now();
        const outcome = await activities.listResources(input);
        const labels = { provider: input.connection.provider, kind: input.list.kind, outcome: outcome.outcome };
        lists.observe(labels, (performance.now() - startedAtMs) / 1_000);
        return outcome;
      },
      async publishView(input) {
        await activities.publishView(input);
        const last = input.view.discovery?.last;
        if (last && input.events.some(({ event }) => event === 'discovered')) {
          const seconds = (Date.parse(last.finishedAt) - Date.parse(last.startedAt)) / 1_000;
          discoveries.observe({ provider: input.view.provider }, seconds);
        }
      },
    } satisfies Activities,
    observe,
    () => performance.now(),
  );
}

/** Undefined for one that is not due: asked for by a person, or forced by a refused token. */
function secondsLate({ view }: RefreshInput, nowMs: number): number | undefined {
  const due = view.credential?.nextRefreshAt;
  if (due == null) return undefined;
  const seconds = (nowMs - Date.parse(due)) / 1_000;
  return seconds < 0 ? undefined : seconds;
}
