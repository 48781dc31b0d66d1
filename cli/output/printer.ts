import { cliProblems } from '../errors.ts';
import type { Terminal } from '../terminal.ts';
import { table } from './table.ts';
import { plain, type Cell } from './text.ts';

export interface Column<T> {
  readonly name: string;
  readonly value: (row: T) => Cell;
}

export const outputFormats = ['table', 'tsv', 'json', 'ndjson'] as const;

export interface OutputOptions {
  /** Fields to print as JSON, separated by commas; `a.b` is a field of a field. */
  readonly json?: string;
  readonly output?: (typeof outputFormats)[number];
}

export interface Printer {
  /** A list. NDJSON and TSV are written row by row. */
  rows<T>(columns: readonly Column<T>[], rows: AsyncIterable<T> | Iterable<T>): Promise<void>;
  /** One thing: for people, a line for each of its columns. */
  one<T>(columns: readonly Column<T>[], row: T): Promise<void>;
  /** True where the output is a table for people. */
  readonly isForPeople: boolean;
}

/** Tables for people, TSV for a pipe, JSON where it is asked for. */
export function createPrinter(terminal: Terminal, { json, output }: OutputOptions): Printer {
  const format = json === undefined ? (output ?? (terminal.isOutputShown ? 'table' : 'tsv')) : (output ?? 'json');
  const fields = json?.split(',').map((field) => field.trim());
  const picked = (row: unknown): unknown =>
    fields ? Object.fromEntries(fields.map((field) => [field, fieldOf(row, field)])) : row;
  const head = (text: string): string => terminal.style('bold', text);
  const tsv = (cells: readonly Cell[]): string => `${cells.map(plain).join('\t')}\n`;

  return {
    isForPeople: format === 'table',
    async rows(columns, rows) {
      const cells = (row: Parameters<(typeof columns)[number]['value']>[0]) => columns.map(({ value }) => value(row));
      if (format === 'ndjson') {
        for await (const row of rows) await terminal.out(`${JSON.stringify(picked(row))}\n`);
      } else if (format === 'tsv') {
        for await (const row of rows) await terminal.out(tsv(cells(row)));
      } else {
        const all = await collect(rows);
        if (format === 'json') return await terminal.out(`${JSON.stringify(all.map(picked), null, 2)}\n`);
        const heads = columns.map(({ name }) => name.toUpperCase());
        if (all.length > 0) await terminal.out(table(heads, all.map(cells), { width: terminal.width, head }));
        else terminal.say('Nothing to show.');
      }
    },
    async one(columns, row) {
      if (format === 'json') return await terminal.out(`${JSON.stringify(picked(row), null, 2)}\n`);
      if (format === 'ndjson') return await terminal.out(`${JSON.stringify(picked(row))}\n`);
      const width = Math.max(...columns.map(({ name }) => name.length)) + 2;
      for (const { name, value } of columns) {
        const cell = value(row);
        if (format === 'tsv') await terminal.out(tsv([name, cell]));
        else if (cell != null && cell !== '') await terminal.out(`${head(name.padEnd(width))}${plain(cell)}\n`);
      }
    },
  };
}

async function collect<T>(rows: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** Throws where the row has no such field: a misspelt name must not look like an empty value. */
function fieldOf(row: unknown, path: string): unknown {
  let value: unknown = row;
  for (const name of path.split('.')) {
    if (value === null) return null;
    const known = typeof value === 'object' ? Object.keys(value) : [];
    if (!known.includes(name)) {
      throw cliProblems.usage(`There is no field "${path}".`, `Use some of: ${known.join(', ')}.`);
    }
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value ?? null;
}
