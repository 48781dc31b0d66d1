import { createServer } from 'node:net';
import { once } from 'node:events';
import { Counter, Histogram, Gauge } from 'prom-client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { measured, operationSeconds, secondsBuckets, type Registry } from '../platform/metrics.ts';
import type { DiscoveryTools, RefreshObserver } from '../activities/dependencies.ts';
import { ephemeralKeys } from '../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../stores/ephemeral/port.ts';
import type { ReconcileCounts } from '../contracts/reconcile.ts';
import type { SawDate } from './clock-watch.ts';

const DISCOVERY_BUCKETS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800];

const LATENESS_BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600];

/** The same activities, each with its duration measured. */
export function measuredActivities<A extends object>(activities: A, metrics: Registry): A {
  const observe = operationSeconds(metrics, 'mooring_activity_seconds', 'Activities; "failed" is tried again.');
  return measured(activities, observe, () => performance.now());
}

/** Observes discoveries that reach their end. */
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

/** Observes each list of resources; one activity makes many of them. */
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

/** Counts the outcomes of renewal attempts: `fresh` and `busy` spent nothing, `held` waits for its provider. */
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

/** `fetch`, measured by host and status. Not by URL: there are few hosts, but very many URLs. */
export function measuredFetch(request: typeof fetch, metrics: Registry, sawDate: SawDate): typeof fetch {
  const histogram = new Histogram({
    name: 'mooring_provider_request_seconds',
    help: 'Requests to clouds by host and status, until the headers came; status "none" = no answer.',
    labelNames: ['host', 'status'],
    buckets: secondsBuckets,
    registers: [metrics],
  });
  return async (input, init) => {
    const { host } = new URL(input instanceof Request ? input.url : input);
    const end = histogram.startTimer({ host });
    try {
      const reply = await request(input, init);
      end({ status: String(reply.status) });
      sawDate(host, reply.headers.get('date'));
      return reply;
    } catch (error) {
      end({ status: 'none' });
      throw error;
    }
  };
}

const countsSchema = Type.Object({
  at: Type.String(),
  running: Type.Integer(),
  late: Type.Integer(),
  paused: Type.Integer(),
  stuck: Type.Integer(),
  stopped: Type.Integer(),
});

const countHelps = {
  running: 'Connections whose workflow runs.',
  late: 'Connections with work more than two minutes overdue, because no worker takes it up.',
  paused: 'Connections with an activity that an operator paused.',
  stuck: 'Connections whose workflow task fails again and again.',
  stopped: 'Connections whose workflow was ended from outside; each waits for a person to decide.',
} as const satisfies Record<keyof Omit<ReconcileCounts, 'at'>, string>;

/**
 * The counts of the last reconciliation by any worker, read from the ephemeral store at each scrape. If there was no
 * reconciliation for half an hour, there is no value.
 */
export function createReconcileMetrics(metrics: Registry, ephemeral: Pick<EphemeralStore, 'get'>): void {
  let reading: Promise<ReconcileCounts | undefined> | undefined;
  const read = async (): Promise<ReconcileCounts | undefined> => {
    reading ??= latestCounts(ephemeral).finally(() => (reading = undefined));
    return await reading;
  };
  const gauge = (name: string, help: string, valueOf: (counts: ReconcileCounts) => number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [metrics],
      async collect() {
        const counts = await read();
        if (counts) this.set(valueOf(counts));
        else this.remove();
      },
    });
  for (const [name, help] of Object.entries(countHelps)) {
    gauge(`mooring_connections_${name}`, help, (counts) => counts[name as keyof typeof countHelps]);
  }
  gauge('mooring_reconciled_timestamp_seconds', 'When connections were last reconciled, in Unix seconds.', ({ at }) =>
    Math.floor(Date.parse(at) / 1_000),
  );
}

async function latestCounts(ephemeral: Pick<EphemeralStore, 'get'>): Promise<ReconcileCounts | undefined> {
  try {
    const value = await ephemeral.get(ephemeralKeys.reconcile);
    return Value.Check(countsSchema, value) ? value : undefined;
  } catch {
    // A scrape must not fail when the ephemeral store does not answer; the store has metrics of its own.
    return undefined;
  }
}

const SDK_DEADLINE_MS = 2_000;

export interface SdkMetrics {
  /** For the Temporal runtime: its exporter listens here, on loopback only. */
  readonly bindAddress: string;
  /** Its metrics in Prometheus' text format; a comment if it does not answer. */
  read(): Promise<string>;
}

/** Temporal's Core serves its metrics on a port of its own. Ours includes them, so that there is one page to scrape. */
export async function createSdkMetrics(): Promise<SdkMetrics> {
  const bindAddress = `127.0.0.1:${await freePort()}`;
  return {
    bindAddress,
    async read() {
      try {
        const reply = await fetch(`http://${bindAddress}/metrics`, { signal: AbortSignal.timeout(SDK_DEADLINE_MS) });
        return await reply.text();
      } catch {
        // Temporal's Core closes the port when its connection fails, and opens it again with the next one.
        return '# The Temporal SDK has no metrics: the worker is not connected to Temporal.\n';
      }
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('A TCP server has a port.');
  return address.port;
}
