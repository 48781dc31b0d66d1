import type { Client } from './client/traffic.ts';
import { clock } from './plan.ts';

/** One line of how a run goes. */
export function progressLine(seconds: number, client: Client, running: readonly string[]): string {
  const statuses = countBy(
    client.ledger.entries().map(({ seen, id }) => (id === null ? 'unanswered' : (seen?.status ?? 'new'))),
  );
  const answers: Record<string, number> = {};
  for (const ofVerb of Object.values(client.api.counts())) {
    for (const [status, count] of Object.entries(ofVerb)) answers[status] = (answers[status] ?? 0) + count;
  }
  const now = running.length > 0 ? `; now: ${running.join(', ')}` : '';
  return `${clock(seconds)}  connections: ${words(statuses)}; answers: ${words(answers)}${now}`;
}

export function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

const words = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none';
