import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../api/app.ts';
import { compose as composeApi } from '../../api/compose.ts';
import { loadConfig } from '../../platform/config.ts';
import { KeyRing } from '../../platform/key-ring.ts';
import { createLogger } from '../../platform/logger.ts';
import type { Registry } from '../../platform/metrics.ts';
import { manifests } from '../../providers/manifests/all.ts';
import { resolveSettings } from '../../providers/manifests/settings.ts';
import { compose as composeWorker } from '../../worker/compose.ts';

export interface ExportedMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

export interface ExportedMetrics {
  readonly api: readonly ExportedMetric[];
  readonly worker: readonly ExportedMetric[];
  /** The label `operation` of `mooring_activity_seconds`. */
  readonly activities: readonly string[];
}

/** What both processes register with Prometheus, from the processes as they are composed. Connects to nothing. */
export async function exportedMetrics(): Promise<ExportedMetrics> {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-metrics-'));
  const environment = { MOORING_MODE: 'dev', MOORING_STATE_DIR: folder, MOORING_KEYS: KeyRing.generate() };
  const logger = createLogger('metrics', 'silent');
  const settings = manifests.map((manifest) => resolveSettings(manifest, {}));
  const api = composeApi(loadConfig('api', environment), settings, logger);
  const worker = composeWorker(loadConfig('worker', environment), {}, logger);
  try {
    const app = await buildApp(api.deps);
    await app.ready();
    await app.close();
    return {
      api: registered(api.deps.metrics),
      worker: registered(worker.metrics),
      activities: Object.keys(worker.activities),
    };
  } finally {
    await Promise.all([api.close(), worker.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

const registered = (registry: Registry): ExportedMetric[] =>
  registry.getMetricsAsArray().map((metric) => {
    // What the registry returns is the metric itself; its types leave the labels out.
    const { name, help, labelNames } = metric as typeof metric & { readonly labelNames: readonly string[] };
    return { name, help, type: String(metric.type), labels: labelNames };
  });
