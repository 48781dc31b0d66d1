import type { ChaosOutcome } from './outcome.ts';

const EXAMPLES = 30;

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
  const lines = violations.slice(0, EXAMPLES).map(({ invariant, at, times, id, text }) => {
    const often = times > 1 ? `  (${times} times)` : '';
    return `${at}  ${invariant}  ${id ?? ''}  ${text}${often}`;
  });
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
