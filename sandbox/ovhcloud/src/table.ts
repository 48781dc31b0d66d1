import { field } from './expression.ts';
import { goText, type Row } from './json.ts';

const HINT = '💡 Use option --json or --yaml to get the raw output with all information';

/** A column is a field, or `field title`. */
export const table = (rows: readonly Row[], columns: readonly string[]): string => {
  const [fields, titles] = [columns.map((column) => column.split(' ')[0] ?? ''), columns.map(title)];
  const cells = rows.map((row) => fields.map((name) => goText(field(row, name))));
  return `${boxed(titles, cells)}\n${HINT}`;
};

export function boxed(titles: readonly string[], cells: readonly (readonly string[])[]): string {
  const padding = cells.length > 0 ? 2 : 0;
  const widths = titles.map((name, column) => {
    const longest = Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0));
    return longest + padding;
  });
  const rule = (left: string, cross: string, right: string): string =>
    left + widths.map((width) => '─'.repeat(width)).join(cross) + right;
  const line = (texts: readonly string[]): string => `│${texts.join('│')}│`;
  return [
    rule('┌', '┬', '┐'),
    line(titles.map((name, column) => centred(name, widths[column] ?? 0))),
    rule('├', '┼', '┤'),
    ...cells.map((row) => line(row.map((text, column) => ` ${text}`.padEnd(widths[column] ?? 0)))),
    rule('└', '┴', '┘'),
  ].join('\n');
}

const title = (column: string): string => column.split(' ')[1] ?? column;

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return `${' '.repeat(left)}${text}`.padEnd(width);
}
