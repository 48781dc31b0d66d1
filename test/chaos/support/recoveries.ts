export interface Recovery {
  readonly killed: string;
  readonly at: string;
  readonly graceSeconds: number;
  readonly outcome: string;
  /** From the kill until what was killed was up again. */
  readonly upSeconds: number;
  /** From then until the connection was settled. */
  readonly seconds: number;
}

/** How long each connection took to go on, for whoever reads the run. */
export function recoveryTable(recoveries: readonly Recovery[]): string {
  const rows = recoveries.map(({ killed, at, graceSeconds, outcome, upSeconds, seconds }) => [
    killed,
    at,
    `${graceSeconds} s`,
    outcome,
    `${upSeconds.toFixed(1)} s`,
    `${seconds.toFixed(1)} s`,
  ]);
  const table = [['killed', 'when', 'grace', 'outcome', 'up in', 'goes on in'], ...rows];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  return table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}
