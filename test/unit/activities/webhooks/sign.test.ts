import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { formsOf, signatures } from '../../../../activities/webhooks/sign.ts';
import { Secret } from '../../../../platform/secret.ts';

const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
const body = JSON.stringify({ id: 'evt_1', text: 'ü €' });
const nowMs = Date.now();
const timestamp = Math.floor(nowMs / 1000);
const headersOf = (signature: string, second = timestamp) => ({
  'webhook-id': 'evt_1',
  'webhook-timestamp': String(second),
  'webhook-signature': signature,
});
const signed = (current: string, previous: { secret: string; until: string } | null = null): string =>
  signatures(
    {
      current: new Secret(current),
      previous: previous && { secret: new Secret(previous.secret), until: previous.until },
    },
    { id: 'evt_1', timestamp, body },
    nowMs,
  );

const NO_SIGNATURE = 'No matching signature found';

describe('a signature', () => {
  test('is the one that the standardwebhooks library makes, and that it verifies', () => {
    const secret = newSecret();
    const oracle = new Webhook(secret);
    expect(signed(secret)).toBe(oracle.sign('evt_1', new Date(nowMs), body));
    expect(oracle.verify(body, headersOf(signed(secret)))).toEqual(JSON.parse(body));
  });

  test('is refused by that library for another secret, another body, and another second', () => {
    const secret = newSecret();
    const oracle = new Webhook(secret);
    expect(() => new Webhook(newSecret()).verify(body, headersOf(signed(secret)))).toThrow(NO_SIGNATURE);
    expect(() => oracle.verify(`${body} `, headersOf(signed(secret)))).toThrow(NO_SIGNATURE);
    expect(() => oracle.verify(body, headersOf(signed(secret), timestamp + 1))).toThrow(NO_SIGNATURE);
  });

  test('while a secret is rolled, receivers with the old and with the new one both verify it, and afterwards one', () => {
    const [before, now] = [newSecret(), newSecret()];
    const during = signed(now, { secret: before, until: new Date(nowMs + 1000).toISOString() });
    for (const secret of [before, now]) expect(new Webhook(secret).verify(body, headersOf(during))).toBeTruthy();
    const over = signed(now, { secret: before, until: new Date(nowMs).toISOString() });
    expect(() => new Webhook(before).verify(body, headersOf(over))).toThrow(NO_SIGNATURE);
    expect(new Webhook(now).verify(body, headersOf(over))).toBeTruthy();
  });

  test('an answer that repeats a secret can be searched for each form of it', () => {
    const secret = newSecret();
    expect(formsOf({ current: new Secret(secret), previous: null })).toEqual([secret, secret.slice('whsec_'.length)]);
  });
});
