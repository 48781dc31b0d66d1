import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';

const settings = join(import.meta.dirname, '../../.prettierrc.json');

/** A GitHub table. Cells may hold any text: what would end a cell is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll(/\s*\n\s*/g, ' ');

export const code = (text: string): string => (text === '' ? '' : `\`${text}\``);

type Comment = (text: string) => string;

/** How a Markdown file and a file of `NAME=value` lines write a comment. */
const htmlComment: Comment = (text) => `<!-- ${text} -->`;
export const hashComment: Comment = (text) => `# ${text}`;

/** Replaces what stands between the comments `generated: name` and `end: name`. Throws where they are missing. */
export function between(text: string, name: string, content: string, comment: Comment = htmlComment): string {
  const [start, end] = [comment(`generated: ${name}`), comment(`end: ${name}`)];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the markers "${start}" and "${end}" are missing, in this order`);
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** As `npx prettier --write` would leave it, so that the format check and the generator agree. */
export async function prettyMarkdown(text: string): Promise<string> {
  return await format(text, { parser: 'markdown', ...(JSON.parse(readFileSync(settings, 'utf8')) as object) });
}
