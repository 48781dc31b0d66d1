import { describe, expect, test } from 'vitest';

import { statusFailure } from '../../../providers/http/call-error.ts';

const nowMs = Date.parse('2026-11-23T10:00:00Z');
const retryAfter = async (header: string) =>
  (await statusFailure(new Response('', { status: 429, headers: { 'retry-after': header } }), nowMs)).retryAfterSeconds;

describe('an unsuccessful response', () => {
  test.each([
    ['120', 120],
    [' 120 ', 120],
    ['Mon, 23 Nov 2026 10:01:30 GMT', 90],
    ['Monday, 23-Nov-26 10:01:30 GMT', 90],
    ['99999999999999999999', 86_400],
    ['Mon, 23 Nov 2027 10:00:00 GMT', 86_400],
    ['Mon, 23 Nov 2026 09:00:00 GMT', null],
    ['0', null],
    ['-3', null],
    ['1.5', null],
    ['2027', 2027],
    ['2026-11-23T10:05:00Z', null],
    ['', null],
    ['soon', null],
  ])('the header "Retry-After: %s" means a wait of %s seconds', async (header, seconds) => {
    expect(await retryAfter(header)).toBe(seconds);
  });

  test('the JSON body of a refusal is kept', async () => {
    const failure = await statusFailure(Response.json({ message: 'no' }, { status: 403 }), nowMs);
    expect(failure).toEqual({ kind: 'status', status: 403, retryAfterSeconds: null, body: { message: 'no' } });
  });

  test('the body of a successful response is not kept, since it may contain tokens', async () => {
    expect(await statusFailure(Response.json({ access_token: 'secret' }), nowMs)).toMatchObject({ body: null });
  });
});
