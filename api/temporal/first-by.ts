import type { Client } from '@temporalio/client';
import { iso } from '../../contracts/time.ts';
import type { ListedExecution } from '../../platform/temporal/list-executions.ts';
import { decodeSearchAttributes } from '../../platform/temporal/sdk-internals.ts';
import { deadlines, within } from './deadlines.ts';
import { quote, runsOf } from './visibility.ts';

/** So many rows are read whole and sorted. */
const MOST_SORTED = 1_000;

export interface FirstBy {
  /** Unix milliseconds; both are part of the range. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly most: number;
}

/**
 * The executions that a query finds with a time in the range: how many there are, and the first by that time.
 *
 * Visibility on SQL sorts by no attribute of ours. So where there are too many to be read, the end of the range is moved
 * by halves until the rows before it are enough and not too many: those are read and sorted. Only rows with the same
 * millisecond are in any order. Each half is one count, in all at most 45.
 */
export async function firstBy(
  client: Client,
  query: string,
  attribute: string,
  { fromMs, untilMs, most }: FirstBy,
): Promise<{ readonly total: number; readonly items: readonly ListedExecution[] }> {
  const between = (from: number, until: number): string =>
    `${query} AND ${attribute} BETWEEN ${quote(iso(from))} AND ${quote(iso(until))}`;
  const count = async (until: number): Promise<number> =>
    (await within(client, deadlines.list, () => client.workflow.count(between(fromMs, until)))).count;

  const total = await count(untilMs);
  let tooFew = fromMs - 1;
  let enough = untilMs;
  let counted = total;
  while (counted > MOST_SORTED && enough - tooFew > 1) {
    const middle = tooFew + Math.floor((enough - tooFew) / 2);
    const before = await count(middle);
    if (before < most) tooFew = middle;
    else {
      enough = middle;
      counted = before;
    }
  }
  const timed: { readonly execution: ListedExecution; readonly ms: number }[] = [];
  const read = async (from: number, until: number): Promise<void> => {
    let rows = 0;
    for await (const page of runsOf(client, between(from, until))) {
      for (const execution of page) {
        const [at] = decodeSearchAttributes(execution.searchAttributes?.indexedFields)[attribute] ?? [];
        if (at instanceof Date) timed.push({ execution, ms: at.getTime() });
      }
      rows += page.length;
      if (rows >= MOST_SORTED) return;
    }
  };
  if (counted <= MOST_SORTED) await read(fromMs, enough);
  else {
    // Too many of one millisecond: all before it, and some of it.
    await read(fromMs, tooFew);
    await read(enough, enough);
  }
  const sorted = timed.toSorted((one, other) => one.ms - other.ms);
  return { total, items: sorted.slice(0, most).map(({ execution }) => execution) };
}
