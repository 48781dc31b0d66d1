import { describe, expect, test } from 'vitest';
import { cellText, commandOf, renderMarkdown, renderText, withSections } from '../../../bench/support/render.ts';
import { holds, targetOf, type Report } from '../../../bench/support/report.ts';

const report: Report = {
  name: 'upkeep',
  title: 'Upkeep',
  startedAt: '2026-11-29T18:00:00.000Z',
  tookSeconds: 61.4,
  options: { connections: [300, 2000], vault: 'raft', build: true, keep: false },
  machine: { cores: 2, cpu: 'a CPU', memoryGiB: 24, versions: { node: '22.1.0', vault: '1.21.2' } },
  tables: [
    {
      title: 'One renewal',
      columns: ['', 'ms'],
      rows: [
        ['bare | loop', 2.71428],
        ['Mooring', null],
      ],
    },
  ],
  verdicts: [
    { what: 'ratio', value: 0.5, atLeast: 0.75 },
    { what: 'late', value: 0, atMost: 0 },
    { what: 'unmeasured', value: null, atMost: 1 },
  ],
  notes: ['A note.'],
};

describe('the report of a benchmark', () => {
  test('a target is held, missed, or neither where nothing was measured or required', () => {
    const [ratio, late, unmeasured] = report.verdicts.map(holds);
    expect([ratio, late, unmeasured, holds({ what: 'free', value: 1 })]).toEqual([false, true, null, null]);
    expect(targetOf({ what: 'between', value: 1, atLeast: 1, atMost: 2 })).toBe('≥ 1 and ≤ 2');
  });

  test('numbers are shown with three significant digits', () => {
    expect([2.71428, 0.001234, 12345.6, 7, null, 'text'].map(cellText)).toEqual([
      '2.71',
      '0.00123',
      '12346',
      '7',
      '–',
      'text',
    ]);
  });

  test('a report is shown in the terminal in columns, with missed targets marked', () => {
    const text = renderText(report);
    expect(text).toContain('  bare | loop  2.71');
    expect(text).toMatch(/ratio +0\.5 +≥ 0\.75 +missed/);
    expect(text).toMatch(/late +0 +≤ 0 +holds/);
    expect(text).toContain('2 cores (a CPU), 24 GiB of memory, node 22.1.0, vault 1.21.2.');
  });

  test('a report has the command that runs its benchmark again', () => {
    expect(commandOf(report)).toBe('npm run bench -- upkeep --connections 300,2000 --vault raft');
  });

  test('a report replaces its section of the document and keeps the rest', async () => {
    const document =
      '# Title\n\n<!-- generated: measurements -->\n\nearlier figures\n\n<!-- end: measurements -->\n\nafter\n';
    const written = await withSections(document, [renderMarkdown(report)]);
    expect(written).toMatch(/^# Title\n\n<!-- generated: measurements -->\n\n### Upkeep\n/);
    expect(written).toContain('bare \\| loop');
    expect(written).not.toContain('earlier figures');
    expect(written).toMatch(/<!-- end: measurements -->\n\nafter\n$/);
    await expect(withSections('# Title', [])).rejects.toThrow('are missing');
  });
});
