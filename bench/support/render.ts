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

function markdownTable({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const isNumber = columns.map((_, column) => rows.some((row) => typeof row[column] === 'number'));
  const rule = columns.map((_, column) => (isNumber[column] ? '---:' : '---'));
  return [`**${title}**`, '', line(columns), line(rule), ...rows.map((row) => line(row.map(cellText)))].join('\n');
}

/** As it was called. */
export function commandOf({ name, options }: Pick<Report, 'name' | 'options'>): string {
  const flags = Object.entries(options).map(([flag, value]) => {
    if (typeof value === 'boolean') return `--${value ? '' : 'no-'}${flag}`;
    return `--${flag} ${String(value)}`;
  });
  return ['npm run bench --', name, ...flags].join(' ');
}

function machineLine({ machine }: Report): string {
  const { cores, cpu, memoryGiB, versions } = machine;
  const programs = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
  return `${cores} cores (${cpu}), ${memoryGiB} GiB of memory, ${programs.join(', ')}.`;
}

const [BEGIN, END] = ['<!-- measured: begin -->', '<!-- measured: end -->'] as const;

/** The document with the sections between its markers. Throws where it has no markers. */
export function withSections(document: string, sections: readonly string[]): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`The document has no "${BEGIN}" with an "${END}" after it.`);
  const body = sections.length === 0 ? '' : `${sections.join('\n\n')}\n\n`;
  return `${document.slice(0, from + BEGIN.length)}\n\n${body}${document.slice(to)}`;
}
