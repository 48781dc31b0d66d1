import { describe, expect, test } from 'vitest';

import { plainTags } from '../../../providers/listing/tags.ts';

describe('the tags of a row', () => {
  test.each([
    ['Password', 'hunter2'],
    ['api-key', 'hunter2'],
    ['owner', 'Bearer abcdefghijklmnop'],
    ['deploy', `AKIA${'A1B2'.repeat(4)}`],
    ['session', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.c2lnbmF0dXJl'],
    ['connection', 'Endpoint=sb://x/;SharedAccessKey=hunter2'],
    ['key', '-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----'],
    ['link', 'https://x.test/?sig=hunter2'],
  ])('a tag "%s" with a secret does not show it', (name, value) => {
    const [shown = ''] = Object.values(plainTags({ [name]: value }));
    expect(shown).toContain('[redacted]');
    for (const secret of ['hunter2', 'abcdefghijklmnop', 'A1B2', 'eyJ']) expect(shown).not.toContain(secret);
  });

  test('tags that hold no secret stay as they are', () => {
    const tags = { team: 'red', 'cost-centre': '4711', empty: '', Name: 'web 1' };
    expect(plainTags(tags)).toEqual(tags);
  });

  test('of too many tags the same fifty are kept whatever their order, and long ones are cut', () => {
    const many = Array.from({ length: 80 }, (_, n) => [`tag-${n}`, 'x'] as const);
    const kept = plainTags(Object.fromEntries(many));
    expect(Object.keys(kept)).toHaveLength(50);
    expect(plainTags(Object.fromEntries(many.toReversed()))).toEqual(kept);
    const [[name, value] = ['', '']] = Object.entries(plainTags({ ['n'.repeat(500)]: 'v'.repeat(5_000) }));
    expect([name.length, value.length]).toEqual([128, 256]);
  });
});
