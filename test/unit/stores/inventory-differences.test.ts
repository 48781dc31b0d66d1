import { describe, expect, test } from 'vitest';

import { changesBetween } from '../../../stores/inventory/differences.ts';
import { row } from '../../contract/inventory.rows.ts';

const fieldsOf = (before: Parameters<typeof row>[1], after: Parameters<typeof row>[1]) =>
  changesBetween([row('a', before)], [row('a', after)]).changed.flatMap(({ fields }) => fields);

describe('what differs between two lists', () => {
  test('a change is told field by field, inside the summary and the tags by the names that stand there', () => {
    const before = { status: 'running', tags: { team: 'red', old: 'x' }, summary: { sizeGb: 10, disks: [1, 2] } };
    const after = { status: null, tags: { team: 'blue', new: 'y' }, summary: { sizeGb: 10, disks: [1, 3] } };
    expect(fieldsOf(before, after)).toEqual([
      { field: 'status', from: 'running', to: null },
      { field: 'summary.disks', from: [1, 2], to: [1, 3] },
      { field: 'tags.team', from: 'red', to: 'blue' },
      { field: 'tags.old', from: 'x', to: null },
      { field: 'tags.new', from: null, to: 'y' },
    ]);
  });

  test('how a resource was listed, where the console shows it, and the order of names are no change', () => {
    const before = { source: 'cli', consoleUrl: 'https://one.test/', summary: { x: 1, y: 2 } };
    expect(fieldsOf(before, { source: 'rest', consoleUrl: 'https://two.test/', summary: { y: 2, x: 1 } })).toEqual([]);
  });

  test('a resource under another key is another resource', () => {
    const { added, removed, changed } = changesBetween([row('a')], [row('b')]);
    expect([added, removed, changed].map((each) => each.length)).toEqual([1, 1, 0]);
  });
});
