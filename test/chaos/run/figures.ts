import { readFile, writeFile } from 'node:fs/promises';
import type { ChaosOutcome } from './outcome.ts';

const BEGIN = '<!-- chaos figures -->';
const END = '<!-- end of chaos figures -->';
const HEAD = [
  'seed',
  'minutes',
  'actions',
  'requests',
  'connections',
  'tokens spent',
  'marked replays',
  'histories',
  'at rest after',
  'violated',
];

/** Puts the figures of this seed into a Markdown file, between its two markers; other seeds' rows stay. */
export async function writeFigures(path: string, outcome: ChaosOutcome): Promise<void> {
  const text = await readFile(path, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${path} has no "${BEGIN}" followed by "${END}".`);
  const others = text
    .slice(begin + BEGIN.length, end)
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([seed = '']) => /^\d+$/.test(seed) && Number(seed) !== outcome.seed);
  const rows = [...others, figuresOf(outcome).map(String)].sort(([one], [other]) => Number(one) - Number(other));
  const written = ['', '', ...markdownTable([HEAD, ...rows]), '', ''].join('\n');
  await writeFile(path, text.slice(0, begin + BEGIN.length) + written + text.slice(end));
}

/** As Prettier writes it: every column as wide as its widest cell. The first row is the head. */
function markdownTable(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

function figuresOf(outcome: ChaosOutcome): (string | number)[] {
  const { seed, options, actions, requests, connections, refreshTokens, replayed, settledSeconds } = outcome;
  return [
    seed,
    options.minutes,
    sum(Object.values(actions).map(({ done }) => done)),
    sum(Object.values(requests).flatMap((ofVerb) => Object.values(ofVerb))),
    connections.accepted,
    refreshTokens.spent,
    refreshTokens.markedReplays,
    sum(Object.values(replayed)),
    settledSeconds === null ? 'never' : `${settledSeconds.toFixed(0)} s`,
    outcome.violations.length,
  ];
}
