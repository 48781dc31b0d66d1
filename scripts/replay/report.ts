import type { ReplayReport } from './replay-sample.ts';

export function replayTable({ groups }: ReplayReport): readonly string[] {
  if (groups.length === 0) return ['There is nothing to replay in this namespace.'];
  const rows = [
    ['WORKFLOWS', 'REPLAYED', 'FAILED'],
    ...groups.map(({ name, replayed, failed }) => [name, String(replayed), String(failed)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([name = '', ...numbers]) =>
    [name.padEnd(widths[0] ?? 0), ...numbers.map((number, index) => number.padStart(widths[index + 1] ?? 0))].join(
      '  ',
    ),
  );
}

/** What somebody needs who looks a run up. */
export function failureLines({ failures }: ReplayReport): readonly string[] {
  if (failures.length === 0) return [];
  return [
    '',
    'These do not replay: after a deployment of this build they would stand still.',
    ...failures.flatMap(({ workflowId, runId, reason }) => [`${workflowId}  run ${runId}`, `  ${reason}`]),
  ];
}
