import { Gauge } from 'prom-client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Registry } from '../platform/metrics.ts';
import { ephemeralKeys } from '../stores/ephemeral/keys.ts';
import type { EphemeralStore } from '../stores/ephemeral/port.ts';
import type { ReconcileCounts } from '../contracts/reconcile.ts';

const shape = Type.Object({
  at: Type.String(),
  running: Type.Integer(),
  late: Type.Integer(),
  paused: Type.Integer(),
  stuck: Type.Integer(),
  stopped: Type.Integer(),
});

const helps = {
  running: 'Connections whose workflow runs.',
  late: 'Connections with work more than two minutes overdue, because no worker takes it up.',
  paused: 'Connections with an activity that an operator paused.',
  stuck: 'Connections whose workflow task fails again and again.',
  stopped: 'Connections whose workflow was ended from outside; each waits for a person to decide.',
} as const satisfies Record<keyof Omit<ReconcileCounts, 'at'>, string>;

/**
 * What the last reconciliation counted, whichever worker did it: read from where it is published, at each scrape. There
 * is no value while there has been none for half an hour.
 */
export function createReconcileMetrics(metrics: Registry, ephemeral: Pick<EphemeralStore, 'get'>): void {
  let reading: Promise<ReconcileCounts | undefined> | undefined;
  const read = async (): Promise<ReconcileCounts | undefined> => {
    reading ??= latest(ephemeral).finally(() => (reading = undefined));
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
  for (const [name, help] of Object.entries(helps)) {
    gauge(`mooring_connections_${name}`, help, (counts) => counts[name as keyof typeof helps]);
  }
  gauge('mooring_reconciled_timestamp_seconds', 'When connections were last reconciled, in Unix seconds.', ({ at }) =>
    Math.floor(Date.parse(at) / 1_000),
  );
}

async function latest(ephemeral: Pick<EphemeralStore, 'get'>): Promise<ReconcileCounts | undefined> {
  try {
    const value = await ephemeral.get(ephemeralKeys.reconcile);
    return Value.Check(shape, value) ? value : undefined;
  } catch {
    // A scrape must not fail because the ephemeral store does not answer: that has metrics of its own.
    return undefined;
  }
}
