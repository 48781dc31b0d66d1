import { readFile, writeFile } from 'node:fs/promises';
import type { ChaosOutcome } from './outcome.ts';

const EXAMPLES = 5;

/** What a person reads at the end of a run. */
export function outcomeText(outcome: ChaosOutcome): string {
  const { actions, requests, invariants, violations, crashes, failedActions } = outcome;
  const statuses = [...new Set(Object.values(requests).flatMap((ofVerb) => Object.keys(ofVerb)))].sort();
  return [
    '',
    table(
      [['action', 'done', 'left out', 'failed']],
      Object.entries(actions).map(([kind, { done, skipped, failed }]) => [kind, done, skipped, failed]),
    ),
    table(
      [['request', ...statuses]],
      Object.entries(requests).map(([verb, ofVerb]) => [verb, ...statuses.map((status) => ofVerb[status] ?? '')]),
    ),
    table(
      [['', 'invariant', 'checks', 'violated']],
      invariants.map(({ title, checks, violated }) => [verdict(checks, violated), title, checks, violated]),
    ),
    summary(outcome).join('\n'),
    ...failedActions.map((failure) => `This action failed: ${failure}`),
    ...crashes.map(({ name, at, how }) => `${name} ended by itself at ${at}: ${how}`),
    ...examples(violations),
  ].join('\n');
}

const verdict = (checks: number, violated: number): string => (violated > 0 ? 'FAIL' : checks > 0 ? 'pass' : '-');

function summary({ connections, refreshTokens, replayed, settledSeconds, tookSeconds }: ChaosOutcome): string[] {
  const statuses = Object.entries(connections.statuses).map(([status, count]) => `${count} ${status}`);
  const histories = Object.entries(replayed).map(([type, count]) => `${count} ${type}`);
  const { spent, spentAgain, markedReplays, whileDisconnecting } = refreshTokens;
  return [
    `Connections: ${connections.accepted} accepted, ${connections.disconnected} asked to leave; at the end ${statuses.join(', ')}.`,
    `Refresh tokens with strict rotation: ${spent} spent; ${spentAgain} came back, ${markedReplays} of them marked replays, ${whileDisconnecting} in the middle of a disconnection.`,
    `Replayed: ${histories.join(', ')}.`,
    settledSeconds === null
      ? 'Not every connection came to rest.'
      : `Every connection was at rest ${settledSeconds.toFixed(0)} s after the last fault.`,
    `It took ${tookSeconds} s.`,
    '',
  ];
}

function examples(violations: ChaosOutcome['violations']): string[] {
  const lines = violations
    .slice(0, EXAMPLES * 4)
    .map(({ invariant, at, id, text }) => `${at}  ${invariant}  ${id ?? ''}  ${text}`);
  const more = violations.length - lines.length;
  return more > 0 ? [...lines, `and ${more} more; the JSON has them all`] : lines;
}

function table(head: readonly (readonly string[])[], rows: readonly (readonly (string | number)[])[]): string {
  const all = [...head, ...rows].map((row) => row.map(String));
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return `${all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
}

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
  const kept = text
    .slice(begin + BEGIN.length, end)
    .split('\n')
    .filter((line) => /^\| \d+ /.test(line) && !line.startsWith(`| ${outcome.seed} `));
  const rows = [...kept, row(figuresOf(outcome))].sort((one, other) => seedOf(one) - seedOf(other));
  const written = ['', '', row(HEAD), row(HEAD.map(() => '---')), ...rows, '', ''].join('\n');
  await writeFile(path, text.slice(0, begin + BEGIN.length) + written + text.slice(end));
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const seedOf = (line: string): number => Number(/^\| (\d+)/.exec(line)?.[1]);
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
