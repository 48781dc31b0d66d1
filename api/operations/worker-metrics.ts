import { Gauge } from 'prom-client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Logger } from '../../platform/logger.ts';
import type { Registry } from '../../platform/metrics.ts';
import { ephemeralKeys } from '../../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../../stores/ephemeral/port.ts';
import type { ConnectionsGateway } from '../temporal/gateway.ts';
import type { ProviderCatalog } from '../connections/provider-catalog.ts';

interface Dependencies {
  readonly metrics: Registry;
  readonly connections: Pick<ConnectionsGateway, 'pollers'>;
  readonly ephemeral: Pick<EphemeralStore, 'get'>;
  readonly providers: Pick<ProviderCatalog, 'all'>;
  readonly logger: Logger;
}

/** Who polls each task queue: a queue at 0 is work that nobody does. */
export function registerPollers({ metrics, connections, providers, logger }: Dependencies): void {
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

const states = ['late', 'paused', 'stuck', 'stopped'] as const;
const count = Type.Integer({ minimum: 0 });
const Counts = Type.Object({
  at: Type.String({ format: 'date-time' }),
  late: count,
  paused: count,
  stuck: count,
  stopped: count,
});

/** What reconciliation counted when it last looked at every connection; nothing before it has. */
export function registerReconciled({ metrics, ephemeral, logger }: Dependencies): void {
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
