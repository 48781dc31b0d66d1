import { describe, expect, it } from 'vitest';
import { createCursors } from '../../../api/http/cursor.ts';
import { keyRing } from './support.ts';

const cursors = createCursors(keyRing);
const pageToken = Buffer.from('where the next page begins');
const filters = { status: ['active', 'paused'], tag: 'prod' };

describe('a cursor', () => {
  it('a cursor gives back the page token it was made from', () => {
    const cursor = cursors.seal('acme', filters, pageToken);
    expect(Buffer.from(cursors.open('acme', filters, cursor))).toEqual(pageToken);
  });

  it('a cursor does not reveal the page token', () => {
    const cursor = cursors.seal('acme', filters, pageToken);
    expect(Buffer.from(cursor.split('.')[1] ?? '', 'base64url').includes(pageToken)).toBe(false);
  });

  it('a cursor accepts the same statuses in another order', () => {
    const cursor = cursors.seal('acme', filters, pageToken);
    expect(() => cursors.open('acme', { ...filters, status: ['paused', 'active'] }, cursor)).not.toThrow();
  });

  it.each([
    ['another tenant', 'umbrella', filters],
    ['other filters', 'acme', { ...filters, tag: 'test' }],
    ['fewer filters', 'acme', {}],
  ])('a cursor is refused for %s', (_what, tenant, given) => {
    const cursor = cursors.seal('acme', filters, pageToken);
    expect(() => cursors.open(tenant, given, cursor)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  });

  it.each(['', 'k1.', 'nonsense', 'k1.AAAA', '../../etc/passwd'])('a cursor is refused when it is "%s"', (cursor) => {
    expect(() => cursors.open('acme', filters, cursor)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  });
});
