import { between, prettyMarkdown, table } from '../../scripts/generate/markdown.ts';
import { holds, targetOf, type Cell, type Report, type Table, type Verdict } from './report.ts';

/** Three digits that count; whole numbers as they are. */
export function cellText(cell: Cell): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  if (Number.isInteger(cell) || Math.abs(cell) >= 100) return String(Math.round(cell));
  return String(Number(cell.toPrecision(3)));
}

const verdictTable = (verdicts: readonly Verdict[]): Table => ({
  title: 'What is judged',
  columns: ['what', 'measured', 'target', ''],
  rows: verdicts.map((verdict) => [verdict.what, verdict.value, targetOf(verdict), markOf(holds(verdict))]),
});

const markOf = (held: boolean | null): string => (held === null ? '' : held ? 'holds' : 'missed');

const tablesOf = ({ tables, verdicts }: Report): readonly Table[] =>
  verdicts.length === 0 ? tables : [...tables, verdictTable(verdicts)];

/** For the terminal. */
export function renderText(report: Report): string {
  return [...tablesOf(report).map(textTable), ...report.notes, machineLine(report)].join('\n\n');
}

function textTable({ title, columns, rows }: Table): string {
  const texts = [columns, ...rows.map((row) => row.map(cellText))];
  const widths = columns.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const isNumber = columns.map((_, column) => rows.some((row) => typeof row[column] === 'number'));
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => (isNumber[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [title, ...texts.map((row) => `  ${line(row)}`)].join('\n');
}

/** A section of docs/performance.md. */
export function renderMarkdown(report: Report): string {
  return [
    `### ${report.title}`,
    ...tablesOf(report).map(markdownTable),
    ...report.notes,
    `_${commandOf(report)}, ${report.startedAt.slice(0, 10)}, ${Math.round(report.tookSeconds)} s. ${machineLine(report)}_`,
  ].join('\n\n');
}

const markdownTable = ({ title, columns, rows }: Table): string =>
  `**${title}**\n\n${table(
    columns,
    rows.map((row) => row.map(cellText)),
  )}`;

/** As it was called. What is on or off makes no difference to what is measured. */
export function commandOf({ name, options }: Pick<Report, 'name' | 'options'>): string {
  const valued = Object.entries(options).filter(([, value]) => typeof value !== 'boolean');
  return ['npm run bench --', name, ...valued.map(([flag, value]) => `--${flag} ${String(value)}`)].join(' ');
}

function machineLine({ machine }: Report): string {
  const { cores, cpu, memoryGiB, versions } = machine;
  const programs = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
  return `${cores} cores (${cpu}), ${memoryGiB} GiB of memory, ${programs.join(', ')}.`;
}

/** The document with the sections between its markers. Throws where it has no markers. */
export async function withSections(document: string, sections: readonly string[]): Promise<string> {
  return await prettyMarkdown(between(document, 'measurements', sections.join('\n\n')));
}
