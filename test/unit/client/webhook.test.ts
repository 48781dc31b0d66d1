import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { verifyWebhook } from '../../../cli/client/index.ts';

const secret = `whsec_${randomBytes(32).toString('base64')}`;
const other = `whsec_${randomBytes(32).toString('base64')}`;
const event = { id: 'evt_1', type: 'connection.connected', timestamp: '2026-11-29T17:00:00.000Z', data: { é: 1 } };
const body = JSON.stringify(event);
const sentAt = new Date();

const signed = (by = secret, at = sentAt, id = 'evt_1', text = body) => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
  'webhook-signature': new Webhook(by).sign(id, at, text),
});
const nowMs = sentAt.getTime();

test('what the reference implementation signs is accepted, and its event is returned', () => {
  expect(verifyWebhook({ body, headers: signed(), secrets: secret, nowMs })).toEqual(event);
  expect(verifyWebhook({ body: Buffer.from(body), headers: new Headers(signed()), secrets: [secret], nowMs })).toEqual(
    event,
  );
});

test('header names are taken in any case, and lists of values as Node gives them', () => {
  const headers = Object.fromEntries(Object.entries(signed()).map(([name, value]) => [name.toUpperCase(), [value]]));
  expect(verifyWebhook({ body, headers, secrets: secret, nowMs })).toEqual(event);
});

test('while a secret is being replaced, either side may know two', () => {
  const both = {
    ...signed(),
    'webhook-signature': `${signed(other)['webhook-signature']} ${signed()['webhook-signature']}`,
  };
  expect(verifyWebhook({ body, headers: both, secrets: secret, nowMs })).toEqual(event);
  expect(verifyWebhook({ body, headers: signed(), secrets: [other, secret], nowMs })).toEqual(event);
});

test('a signature of another version is not looked at', () => {
  const headers = signed();
  headers['webhook-signature'] = headers['webhook-signature'].replace('v1,', 'v1a,');
  expect(() => verifyWebhook({ body, headers, secrets: secret, nowMs })).toThrow(/None of its signatures/);
});

test.each([
  ['another secret', { headers: signed(other) }],
  ['a changed body', { body: body.replace('1', '2') }],
  ['another id', { headers: { ...signed(), 'webhook-id': 'evt_2' } }],
  ['another timestamp', { headers: { ...signed(), 'webhook-timestamp': String(Math.floor(nowMs / 1000) + 1) } }],
  ['a short signature', { headers: { ...signed(), 'webhook-signature': 'v1,AAAA' } }],
  ['no signature', { headers: { ...signed(), 'webhook-signature': '' } }],
  ['a missing header', { headers: { 'webhook-id': 'evt_1' } }],
  ['a timestamp that is no number', { headers: { ...signed(), 'webhook-timestamp': 'NaN' } }],
  ['an age of 301 seconds', { nowMs: nowMs + 301_000 }],
  ['a time 302 seconds ahead', { nowMs: nowMs - 302_000 }],
])('a webhook with %s is refused', (_, changed) => {
  expect(() => verifyWebhook({ body, headers: signed(), secrets: secret, nowMs, ...changed })).toThrow(
    expect.objectContaining({ code: 'webhook_refused' }) as Error,
  );
});

test('an age of five minutes is accepted', () => {
  const headers = signed(secret, new Date(Math.floor(nowMs / 1000) * 1000));
  const at = Math.floor(nowMs / 1000) * 1000 + 300_000;
  expect(verifyWebhook({ body, headers, secrets: secret, nowMs: at })).toEqual(event);
});

test('an empty secret is refused: it would accept what anybody signs', () => {
  expect(() => verifyWebhook({ body, headers: signed(), secrets: 'whsec_', nowMs })).toThrow(/is empty/);
});

test('a signed body that is no event is refused', () => {
  const headers = signed(secret, sentAt, 'evt_1', '[]');
  expect(() => verifyWebhook({ body: '[]', headers, secrets: secret, nowMs })).toThrow(/no event/);
});
