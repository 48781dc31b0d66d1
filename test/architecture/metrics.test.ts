import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { connectionStatuses } from '../../contracts/connection.ts';
import { exportedMetrics, type ExportedMetric } from '../../scripts/generate/exported-metrics.ts';
import { anchorsOf } from '../support/markdown-anchors.ts';
import { readPromql } from '../support/promql.ts';
import { sdkMetrics } from '../support/sdk-metrics.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const { groups } = parse(read('deploy/prometheus/mooring-rules.yaml')) as { groups: readonly { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const dashboards = readdirSync(join(root, 'deploy/grafana'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, ...(JSON.parse(read(`deploy/grafana/${name}`)) as { uid: string; panels: Panel[] }) }));

/** Of each expression: where it stands, and its text. */
const expressions: readonly (readonly [place: string, expr: string])[] = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboards.flatMap(({ name, panels }) =>
    panels.flatMap(({ title, targets = [] }) =>
      // Grafana puts a duration in the place of the variable.
      targets.map(({ expr }) => [`${name}: ${title}`, expr.replaceAll('$__rate_interval', '5m')] as const),
    ),
  ),
];

/** Labels that Prometheus itself adds to each target. */
const ofTargets = ['instance', 'job'];

/** By series name, the labels of each series. */
let series: ReadonlyMap<string, ReadonlySet<string>>;
let exported: Awaited<ReturnType<typeof exportedMetrics>>;
beforeAll(async () => {
  exported = await exportedMetrics();
  series = new Map([
    ...Object.entries(sdkMetrics).map(([name, labels]) => [name, new Set(labels)] as const),
    ...[...exported.api, ...exported.worker].flatMap(seriesOf),
  ]);
}, 60_000);

const seriesOf = ({ name, type, labels }: ExportedMetric): (readonly [string, ReadonlySet<string>])[] => {
  if (type !== 'histogram') return [[name, new Set(labels)]];
  const withBound = new Set([...labels, 'le']);
  return [
    [`${name}_bucket`, withBound],
    [`${name}_sum`, new Set(labels)],
    [`${name}_count`, new Set(labels)],
  ];
};

describe('an expression of the rules and dashboards', () => {
  test.for(expressions)('%s selects metrics that the processes export, by labels that these have', ([, expr]) => {
    const { selected, grouped } = readPromql(expr);
    expect(selected).not.toEqual([]);
    const known = new Set(ofTargets);
    for (const { metric, matchers } of selected) {
      const labels = series.get(metric);
      expect(labels, `${metric} is exported`).toBeDefined();
      for (const label of labels ?? []) known.add(label);
      for (const { label } of matchers) expect([...(labels ?? []), ...ofTargets]).toContain(label);
    }
    for (const label of grouped) expect([...known]).toContain(label);
  });

  test('a label is compared only with values that it can have', () => {
    const outcomes = ['ok', 'failed'];
    const renewals = [
      'refreshed',
      'fresh',
      'busy',
      'held',
      'sealed',
      'refused',
      'unavailable',
      'store_unavailable',
      'doubted',
    ];
    const values: Readonly<Record<string, readonly string[]>> = {
      'mooring_connections.status': connectionStatuses,
      'mooring_connections_unwell.state': ['late', 'paused', 'stuck', 'stopped'],
      'mooring_provider_state.state': ['ok', 'open', 'paused'],
      'mooring_keys.use': ['seals', 'opens', 'verifies'],
      'mooring_refreshes_total.outcome': renewals,
      'mooring_activity_seconds_count.operation': exported.activities,
      'mooring_activity_seconds_count.outcome': outcomes,
      'mooring_secret_store_seconds_count.outcome': outcomes,
      'mooring_ephemeral_store_seconds_count.outcome': outcomes,
      'mooring_temporal_seconds_count.outcome': outcomes,
      'mooring_discovery_list_seconds_count.outcome': ['complete'],
    };
    for (const [place, expr] of expressions) {
      for (const { metric, matchers } of readPromql(expr).selected) {
        for (const { label, value } of matchers) {
          if (metric.startsWith('mooring_http_')) continue;
          const allowed = values[`${metric}.${label}`];
          expect(allowed, `${place}: the values of ${metric}.${label} are known to this test`).toBeDefined();
          for (const one of value.split('|')) expect(allowed, place).toContain(one);
        }
      }
    }
  });

  test('text that is not PromQL, and a metric without its labels, are told apart', () => {
    expect(() => readPromql('sum(rate(x[5m])')).toThrow(SyntaxError);
    expect(() => readPromql('sum by le (x)')).toThrow(SyntaxError);
    expect(readPromql('sum by (a) (x{b=~"c|d"}) / on (e) y')).toEqual({
      selected: [
        { metric: 'x', matchers: [{ label: 'b', op: '=~', value: 'c|d' }] },
        { metric: 'y', matchers: [] },
      ],
      grouped: ['a', 'e'],
    });
  });
});

describe('an alert', () => {
  test('every alert has a name of its own, a severity, a summary and a runbook that is there', () => {
    const anchors = anchorsOf(read('docs/operations.md'));
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations } of rules) {
      expect(alert).toMatch(/^Mooring[A-Z]\w+$/);
      expect(['page', 'ticket']).toContain(labels['severity']);
      expect(annotations['summary']).toMatch(/\.$/);
      expect(annotations['description']).toMatch(/\.$/);
      const [, anchor] = /^docs\/operations\.md#([\w-]+)$/.exec(annotations['runbook_url'] ?? '') ?? [];
      expect([alert, anchors.has(anchor ?? '')]).toEqual([alert, true]);
    }
  });

  test('an alert’s text names only labels that its expression keeps', () => {
    for (const { expr, annotations } of rules) {
      const { grouped } = readPromql(expr);
      const named = [
        ...Object.values(annotations)
          .join(' ')
          .matchAll(/\$labels\.(\w+)/g),
      ].map(([, name]) => name);
      for (const name of named) expect(grouped, expr).toContain(name);
    }
  });
});

describe('a dashboard', () => {
  test('every dashboard has an id of its own, and every panel a place and a query', () => {
    expect(dashboards.length).toBeGreaterThan(2);
    expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
    for (const { panels } of dashboards) {
      const titles = panels.map(({ title }) => title);
      expect(new Set(titles).size).toBe(titles.length);
      for (const { type, targets = [] } of panels) expect(targets.length > 0 || type === 'row').toBe(true);
    }
  });

  test('a panel’s legend names only labels that its query keeps', () => {
    for (const { panels } of dashboards) {
      for (const { expr, legendFormat } of panels.flatMap(({ targets = [] }) => targets)) {
        const { grouped, selected } = readPromql(expr.replaceAll('$__rate_interval', '5m'));
        const kept = grouped.length > 0 ? grouped : [...ofTargets, ...selected.flatMap(labelsOf)];
        for (const [, name] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(kept, expr).toContain(name);
      }
    }
  });

  const labelsOf = ({ metric }: { metric: string }): string[] => [...(series.get(metric) ?? [])];
});

test('every metric of Mooring’s own is in a rule or in a dashboard, but for the counts that each worker repeats', () => {
  const used = new Set(expressions.flatMap(([, expr]) => readPromql(expr).selected.map(({ metric }) => metric)));
  const isUsed = (metric: ExportedMetric): boolean => seriesOf(metric).some(([name]) => used.has(name));
  const repeated = ['running', 'late', 'paused', 'stuck', 'stopped'].map((state) => `mooring_connections_${state}`);
  const ours = [...exported.api, ...exported.worker].filter(({ name }) => name.startsWith('mooring_'));
  expect(ours.filter((metric) => !isUsed(metric)).map(({ name }) => name)).toEqual(repeated);
});
