import { exportedMetrics, type ExportedMetric, type ExportedMetrics } from './exported-metrics.ts';
import type { Generator } from './generator.ts';
import { between, code, prettyMarkdown, table } from './markdown.ts';

/** `docs/operations.md`: every metric of Mooring's own that the processes export. */
export const metrics: Generator = {
  async generate(current) {
    const path = 'docs/operations.md';
    const content = metricsTable(await exportedMetrics());
    return [{ path, text: await prettyMarkdown(between(current(path), 'metrics', content)) }];
  },
};

function metricsTable({ api, worker }: Pick<ExportedMetrics, 'api' | 'worker'>): string {
  const isOurs = ({ name }: ExportedMetric): boolean => name.startsWith('mooring_');
  const named = new Map([...worker, ...api].filter(isOurs).map((metric) => [metric.name, metric]));
  const exports = (of: readonly ExportedMetric[], name: string) => of.some((metric) => metric.name === name);
  const rows = [...named.values()]
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, type, labels, help }) => [
      code(labels.length === 0 ? name : `${name}{${labels.join(',')}}`),
      type,
      [exports(api, name) && 'API', exports(worker, name) && 'worker'].filter(Boolean).join(', '),
      help,
    ]);
  return table(['Metric', 'Type', 'Of', 'What it is'], rows);
}
