import { expect, test } from 'vitest';
import { createPrinter, type OutputOptions } from '../../../cli/output/printer.ts';
import { table } from '../../../cli/output/table.ts';
import { cut, plain, widthOf } from '../../../cli/output/text.ts';
import { fakeTerminal } from './terminal.ts';

interface Row {
  readonly id: string;
  readonly problem: { readonly code: string } | null;
}
const columns = [
  { name: 'id', value: ({ id }: Row) => id },
  { name: 'problem', value: ({ problem }: Row) => problem?.code },
];
const rows: readonly Row[] = [
  { id: 'con_1', problem: null },
  { id: 'con_2', problem: { code: 'invalid_grant' } },
];

async function printed(options: OutputOptions, isOutputShown = false): Promise<string> {
  const terminal = fakeTerminal({ isOutputShown });
  await createPrinter(terminal, options).rows(columns, rows);
  return terminal.written();
}

test('people get a table, a pipe gets TSV without a head', async () => {
  expect(await printed({}, true)).toBe('ID     PROBLEM\ncon_1\ncon_2  invalid_grant\n');
  expect(await printed({})).toBe('con_1\t\ncon_2\tinvalid_grant\n');
});

test('JSON has whole rows, or the fields that are asked for', async () => {
  expect(JSON.parse(await printed({ output: 'json' }))).toEqual(rows);
  expect(JSON.parse(await printed({ json: 'id,problem.code' }, true))).toEqual([
    { id: 'con_1', 'problem.code': null },
    { id: 'con_2', 'problem.code': 'invalid_grant' },
  ]);
});

test('NDJSON has a row in each line, also with chosen fields', async () => {
  expect(await printed({ output: 'ndjson', json: 'id' })).toBe('{"id":"con_1"}\n{"id":"con_2"}\n');
});

test('a field that does not exist is an error that names those that do', async () => {
  await expect(printed({ json: 'ident' })).rejects.toMatchObject({
    code: 'usage',
    remedy: 'Use some of: id, problem.',
  });
});

test('NDJSON and TSV are written row by row, before the list ends', async () => {
  const terminal = fakeTerminal({ isOutputShown: false });
  const before: string[] = [];
  async function* slowly(): AsyncGenerator<Row> {
    for (const row of rows) {
      before.push(terminal.written());
      yield await Promise.resolve(row);
    }
  }

  await createPrinter(terminal, {}).rows(columns, slowly());

  expect(before).toEqual(['', 'con_1\t\n']);
});

test('what a cloud or a customer named cannot move the cursor, break a row or reverse the text', () => {
  expect(plain('a\u001b[31mb\r\nc\td\u202ee')).toBe('a [31mb c d e');
});

test('a table is as wide as the terminal, and cuts the widest column', () => {
  const text = table(['id', 'text'], [['con_1', 'x'.repeat(50)]], { width: 30, head: (words) => words });
  expect(text).toBe(`id     text\ncon_1  ${'x'.repeat(22)}…\n`);
});

test('wide characters take two columns', () => {
  expect(widthOf('日本🚀e\u0301')).toBe(7);
  expect(cut('日本語', 5)).toBe('日本…');
});
