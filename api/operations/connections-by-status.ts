import { Gauge } from 'prom-client';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Registry } from '../../platform/metrics.ts';
import type { ConnectionsGateway } from '../temporal/gateway.ts';

const FRESH_MS = 30_000;

/** Counted when it is asked for, and at most twice a minute: each count is a query of Temporal's visibility store. */
export function registerConnectionsByStatus(deps: {
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
        // The other metrics are needed most at this moment.
        gauge.reset();
        logger.warn({ err: error }, 'The connections could not be counted.');
      }
    },
  });
}
