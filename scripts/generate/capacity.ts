import type { Generator } from './generator.ts';
import { between, prettyMarkdown, table } from './markdown.ts';

/** A token of an hour is renewed at 80 % of its life. */
const CYCLE_SECONDS = 0.8 * 3_600;
const sizes = [1_000, 10_000, 50_000, 100_000];

/** `docs/operations.md`: what so many connections need, from what the benchmark `upkeep` measured. */
export const capacity: Generator = {
  async generate(current) {
    const path = 'docs/operations.md';
    return [
      {
        path,
        text: await prettyMarkdown(between(current(path), 'capacity', capacityTable(current('docs/performance.md')))),
      },
    ];
  },
};

/** Throws where the document has no measurement of upkeep. */
export function capacityTable(performance: string): string {
  const rows = upkeepRows(performance);
  const largest = rows.filter((row) => row[''] === 'Mooring').at(-1);
  const saturated = rows.find((row) => row[''] === 'Mooring, saturated');
  if (!largest || !saturated)
    throw new Error('docs/performance.md has no measurement of upkeep: npm run bench -- upkeep');
  const cores = (renewals: number, column: string): string => ((renewals * Number(largest[column])) / 1_000).toFixed(2);
  return [
    table(
      ['Connections', 'Renewals a second', 'Cores: workers', 'Temporal', 'Vault', 'Of what one worker did, saturated'],
      sizes.map((connections) => {
        const renewals = connections / CYCLE_SECONDS;
        const share = Math.round((100 * renewals) / Number(saturated['renewed/s']));
        return [
          connections.toLocaleString('en'),
          renewals.toFixed(1),
          ...['worker ms', 'temporal ms', 'vault ms'].map((column) => cores(renewals, column)),
          `${share} %`,
        ];
      }),
    ),
    `A worker took ${largest['asleep MiB']} MiB for ${Number(largest['connections']).toLocaleString('en')} connections, all asleep.`,
  ].join('\n\n');
}

/** The first table below `### Upkeep`, each row by its columns' heads. */
function upkeepRows(performance: string): Record<string, string>[] {
  const [, section = ''] = performance.split('### Upkeep\n');
  const [block = ''] = /(?:^\|.*\n)+/m.exec(section) ?? [];
  const [heads = [], , ...rows] = block
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return rows.map((cells) => Object.fromEntries(heads.map((head, index) => [head, cells[index] ?? ''])));
}
