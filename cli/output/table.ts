import { cut, plain, widthOf, type Cell } from './text.ts';

const GAP = '  ';
/** A column is not cut to less. */
const LEAST = 8;

/**
 * A table for people: a line of heads and one for each row, no wider than the terminal where the widest columns can give
 * way. `head` styles the heads.
 */
export function table(
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  { width, head }: { readonly width: number | null; readonly head: (text: string) => string },
): string {
  const texts = rows.map((row) => row.map(plain));
  const wanted = heads.map((name, column) =>
    Math.max(...[name, ...texts.map((row) => row[column] ?? '')].map(widthOf)),
  );
  const widths = width === null ? wanted : fitted(wanted, width - GAP.length * (heads.length - 1));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => padded(cut(cell, widths[column] ?? 0), widths[column] ?? 0))
      .join(GAP)
      .trimEnd();
  return [head(line(heads)), ...texts.map(line)].map((text) => `${text}\n`).join('');
}

const padded = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - widthOf(text)));

function fitted(wanted: readonly number[], available: number): number[] {
  const widths = [...wanted];
  while (widths.reduce((sum, each) => sum + each, 0) > available) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= LEAST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
