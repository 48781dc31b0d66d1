import { describe, expect, test } from 'vitest';

import { createHttp } from '../../../providers/http/http.ts';
import { createRedactor } from '../../../providers/http/redact.ts';

const TOKEN = 'at-0123456789/abc+def==';
const bearer = { authorization: `Bearer ${TOKEN}` };

/** What is left of an answer that repeats the request. */
async function answered(
  of: { status?: number; headers?: Record<string, string>; body?: URLSearchParams | string; redacts?: 'everything' },
  answer: string,
): Promise<string> {
  const { status = 403, headers = {}, body, redacts } = of;
  const fetch = () => Promise.resolve(new Response(answer, { status, headers: { 'x-echo': answer } }));
  const http = createHttp({ fetch, ...(redacts && { redacts }) });
  const response = await http('https://cloud.example/list', { method: 'GET', headers, body });
  return `${response.headers.get('x-echo')} ${await response.text()}`;
}

describe('what was sent is taken out of what comes back', () => {
  test.each<[string, Record<string, string>, string]>([
    ['a bearer token', bearer, TOKEN],
    ['a signature', { 'x-ovh-signature': '$1$0123456789abcdef' }, '$1$0123456789abcdef'],
    ['a consumer key', { 'x-ovh-consumer': 'ck-0123456789' }, 'ck-0123456789'],
    ['an application key', { 'x-ovh-application': 'ak-0123456789' }, 'ak-0123456789'],
    ['a session token', { 'x-amz-security-token': 'session-0123456789' }, 'session-0123456789'],
    ['the password of Basic', { authorization: `Basic ${btoa('client:pass-0123456789')}` }, 'pass-0123456789'],
    [
      'a part of a signature',
      { authorization: 'AWS4-HMAC-SHA256 Credential=x, Signature=abcdef012345' },
      'abcdef012345',
    ],
  ])('%s that was sent in a header is taken out of a refusal', async (_what, headers, secret) => {
    expect(await answered({ headers }, `refused: ${secret}.`)).toBe('refused: [redacted]. refused: [redacted].');
  });

  test.each<[string, URLSearchParams | string]>([
    ['form', new URLSearchParams({ client_secret: 'se cret&0123', grant_type: 'refresh_token' })],
    ['JSON body', JSON.stringify({ deep: { client_secret: 'se cret&0123' }, grant_type: 'refresh_token' })],
  ])('a secret that was sent in a %s is taken out of a refusal, and nothing else is', async (_what, body) => {
    const text = await answered({ body }, 'refresh_token se cret&0123 se%20cret%260123 se cret&amp;0123');
    expect(text).not.toMatch(/cret/);
    expect(text).toContain('refresh_token');
  });

  test.each([[JSON.stringify(`"${TOKEN}"`)], [TOKEN.replaceAll('/', '\\/')], [encodeURIComponent(TOKEN)]])(
    'a secret is taken out as JSON and URLs write it: %s',
    async (written) => {
      expect(await answered({ headers: bearer }, written)).not.toContain('0123456789');
    },
  );

  test('the beginning of a long secret is taken out too, because a gateway may have cut it', async () => {
    const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl';
    const headers = { authorization: `Bearer ${token}` };
    expect(await answered({ headers }, `got ${token.slice(0, 30)}`)).toContain('got [redacted]');
  });

  test('an answer that repeats nothing stays as it is, byte for byte', async () => {
    const bytes = new Uint8Array([255, 254, 0, 65]);
    const http = createHttp({ fetch: () => Promise.resolve(new Response(bytes, { status: 400 })) });
    const response = await http('https://cloud.example/', { method: 'GET', headers: bearer });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
  });
});

describe('a success', () => {
  test('a success keeps what was sent, because a token endpoint may answer with the same refresh token', async () => {
    const body = new URLSearchParams({ refresh_token: 'refresh-0123456789' });
    expect(await answered({ status: 200, body }, 'refresh-0123456789')).toContain('refresh-0123456789');
  });

  test('a list has nothing of what was sent', async () => {
    expect(await answered({ status: 200, headers: bearer, redacts: 'everything' }, TOKEN)).not.toContain(TOKEN);
  });
});

test('a text without any of the secrets is the same text', () => {
  expect(createRedactor(['at-0123456789'])('nothing of it')).toBe('nothing of it');
  expect(createRedactor([])('nothing to look for')).toBe('nothing to look for');
});
