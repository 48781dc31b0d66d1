import { describe, expect, it } from 'vitest';
import { Registry } from '../../../platform/metrics.ts';
import type { Json } from '../../../platform/json.ts';
import { EphemeralStoreUnavailable } from '../../../stores/ephemeral/port.ts';
import { createReconcileMetrics } from '../../../worker/metrics.ts';

function scraping(answer: () => Promise<Json | undefined>) {
  const registry = new Registry();
  let reads = 0;
  createReconcileMetrics(registry, {
    get: async () => {
      reads += 1;
      return await answer();
    },
  });
  return { scrape: async () => await registry.metrics(), reads: () => reads };
}
const counts = { at: '2030-01-01T12:00:00.000Z', running: 9, late: 1, paused: 2, stuck: 3, stopped: 4 };
const values = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('the gauges of what the last reconciliation counted', () => {
  it('the gauges show the published counts of the last reconciliation, with one read per scrape', async () => {
    const { scrape, reads } = scraping(async () => counts);
    expect(values(await scrape())).toEqual([
      'mooring_connections_running 9',
      'mooring_connections_late 1',
      'mooring_connections_paused 2',
      'mooring_connections_stuck 3',
      'mooring_connections_stopped 4',
      'mooring_reconciled_timestamp_seconds 1893499200',
    ]);
    expect(reads(), 'one read a scrape').toBe(1);
  });

  it('the gauges show no old values once the published counts have expired', async () => {
    let published: Json | undefined = counts;
    const { scrape } = scraping(async () => published);
    await scrape();
    published = undefined;
    expect(values(await scrape())).toEqual([]);
  });

  it('the gauges show no values where the published data is not a valid report', async () => {
    expect(values(await scraping(async () => ({ running: 'many' })).scrape())).toEqual([]);
  });

  it('a scrape succeeds without these gauges while the ephemeral store is unavailable', async () => {
    const { scrape } = scraping(async () => {
      throw new EphemeralStoreUnavailable('It is away.');
    });
    expect(values(await scrape())).toEqual([]);
  });
});
