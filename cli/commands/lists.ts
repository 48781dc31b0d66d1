import type { Context } from '../context.ts';
import type { Column } from '../output/printer.ts';

/** Rows of a table for people, where no limit is given; programs get all. */
const ROWS_FOR_PEOPLE = 100;

/** Prints a list that is read page by page, and says when it shows only a part. `limit` 0 = all. */
export async function printList<T>(
  context: Context,
  columns: readonly Column<T>[],
  rows: AsyncIterable<T>,
  limit?: number,
): Promise<void> {
  const print = context.print();
  const most = limit ?? (print.isForPeople ? ROWS_FOR_PEOPLE : 0);
  let isCut = false;
  async function* some(): AsyncGenerator<T> {
    let count = 0;
    for await (const row of rows) {
      if (most > 0 && count >= most) {
        isCut = true;
        return;
      }
      count += 1;
      yield row;
    }
  }
  await print.rows(columns, some());
  if (isCut) context.terminal.say(`The first ${most}; there are more: --limit 0 shows all.`);
}

/** Copies an answer to the output as it is. */
export async function printAnswer({ terminal, signal }: Context, response: Response): Promise<void> {
  if (response.body === null) return;
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    signal.throwIfAborted();
    await terminal.out(text);
  }
}
