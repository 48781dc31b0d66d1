import { Gauge } from 'prom-client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Registry } from '../../platform/metrics.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { ProviderStates } from '../../stores/provider-states.ts';
import type { ProviderCatalog } from '../connections/provider-catalog.ts';
import type { App, AppDependencies } from '../http/app-types.ts';
import { problemReplies } from '../http/problem-schema.ts';
import type { ConnectionsGateway } from '../temporal/gateway.ts';

export function registerMetrics(app: App, deps: AppDependencies): void {
  const { metrics } = deps;
  registerConnectionsByStatus(deps);
  registerPollers(deps);
  registerReconciled(deps);
  registerProviderStates(deps);
  app.get(
    '/metrics',
    {
      config: { access: 'operator:metrics' },
      schema: {
        operationId: 'getMetrics',
        summary: 'Metrics for Prometheus',
        description:
          'Of this process; connections by status, and those that Mooring does not keep up with, across all tenants; who polls the task queues. Needs an operator’s key with the scope `operator:metrics`.',
        tags: ['operations'],
        response: {
          200: {
            description: 'Prometheus’ text format.',
            content: { 'text/plain': { schema: Type.String({ description: 'Metrics.' }) } },
          },
          ...problemReplies(401, 403, 429, 503),
        },
      },
    },
    async (_request, reply) => await reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}

const FRESH_MS = 30_000;

/** Counted on request, at most twice a minute, because each count queries Temporal's visibility store. */
function registerConnectionsByStatus(deps: {
  readonly metrics: Registry;
  readonly connections: Pick<ConnectionsGateway, 'countByStatus'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): void {
  const { metrics, connections, clock, logger } = deps;
  let countedAtMs = -Infinity;
  const gauge = new Gauge({
    name: 'mooring_connections',
    help: 'Connections of all tenants that live or are stopped, by status. Missing while Temporal does not answer.',
    labelNames: ['status'],
    registers: [metrics],
    async collect() {
      if (clock.now() - countedAtMs < FRESH_MS) return;
      countedAtMs = clock.now();
      try {
        const counts = await connections.countByStatus();
        for (const [status, count] of counts) gauge.set({ status }, count);
      } catch (error) {
        // Do not fail: the other metrics are needed most now.
        gauge.reset();
        logger.warn({ err: error }, 'The connections could not be counted.');
      }
    },
  });
}

interface Dependencies {
  readonly metrics: Registry;
  readonly connections: Pick<ConnectionsGateway, 'pollers'>;
  readonly ephemeral: Pick<EphemeralStore, 'get'>;
  readonly providers: Pick<ProviderCatalog, 'all'>;
  readonly logger: Logger;
}

/** The number of pollers of each task queue. 0 = no worker does this work. */
function registerPollers({ metrics, connections, providers, logger }: Dependencies): void {
  const gauge = new Gauge({
    name: 'mooring_task_queue_pollers',
    help: 'Workers that poll a task queue, by queue and kind. Missing while Temporal does not answer.',
    labelNames: ['queue', 'kind'],
    registers: [metrics],
    async collect() {
      gauge.reset();
      try {
        const queues = await connections.pollers(providers.all.map(({ manifest }) => manifest.id));
        for (const { queue, kind, pollers } of queues) gauge.set({ queue, kind }, pollers);
      } catch (error) {
        logger.warn({ err: error }, 'The pollers of the task queues could not be counted.');
      }
    },
  });
}

const providerStateNames = ['ok', 'open', 'paused'] as const;

/** Whether each cloud is called. 1 for the state that it is in, 0 for the others. */
function registerProviderStates({
  metrics,
  providers,
  providerStates,
}: Pick<Dependencies, 'metrics' | 'providers'> & { readonly providerStates: ProviderStates }): void {
  const gauge = new Gauge({
    name: 'mooring_provider_state',
    help: 'The state of each cloud: "ok"; "open" = calls are held until it answers; "paused" = by an operator.',
    labelNames: ['provider', 'state'],
    registers: [metrics],
    async collect() {
      for (const { manifest } of providers.all) {
        const { id, regions } = manifest;
        const { state } = await providerStates.read(
          id,
          regions.map((region) => region.id),
        );
        for (const name of providerStateNames) gauge.set({ provider: id, state: name }, name === state ? 1 : 0);
      }
    },
  });
}

const states = ['late', 'paused', 'stuck', 'stopped'] as const;
const count = Type.Integer({ minimum: 0 });
const Counts = Type.Object({
  at: Type.String({ format: 'date-time' }),
  late: count,
  paused: count,
  stuck: count,
  stopped: count,
});

/** The counts of the last reconciliation. Empty before the first one. */
function registerReconciled({ metrics, ephemeral, logger }: Dependencies): void {
  const read = async () => {
    const counts = await ephemeral.get(ephemeralKeys.reconcile).catch((error: unknown) => {
      logger.warn({ err: error }, 'The counts of the last reconciliation could not be read.');
    });
    return Value.Check(Counts, counts) ? counts : undefined;
  };
  const at = new Gauge({
    name: 'mooring_reconciled_timestamp_seconds',
    help: 'When every connection was last looked at; 0 = not known. An old one says that the counts beside it are old.',
    registers: [metrics],
    async collect() {
      const counts = await read();
      at.set(counts ? Date.parse(counts.at) / 1000 : 0);
    },
  });
  const gauge = new Gauge({
    name: 'mooring_connections_unwell',
    help: 'Connections that Mooring does not keep up with, by state, as they were last counted.',
    labelNames: ['state'],
    registers: [metrics],
    async collect() {
      gauge.reset();
      const counts = await read();
      if (counts) for (const state of states) gauge.set({ state }, counts[state]);
    },
  });
}
