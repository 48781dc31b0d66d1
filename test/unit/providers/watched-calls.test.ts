import { describe, expect, test } from 'vitest';

import type { AttemptStep, CloudCall } from '../../../contracts/attempts.ts';
import { startDeadline } from '../../../platform/deadline.ts';
import { calling, watchCalls, type CallWatch } from '../../../providers/http/call-watch.ts';
import { createHttp, type HttpRequest } from '../../../providers/http/http.ts';
import { saidIn } from '../../../providers/http/said.ts';

const REFRESH_TOKEN = 'rt-3f9c2b7a61d84e05';
const url = 'https://cloud.example/token?client=mooring';
const request: HttpRequest = {
  method: 'POST',
  headers: {},
  body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: REFRESH_TOKEN }),
};

const answering = (status: number, body: object | string, headers: Record<string, string> = {}): typeof fetch => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return () => Promise.resolve(new Response(text, { status, headers }));
};

/** What is heard of one call. */
async function heardOf(
  fetch: typeof globalThis.fetch,
  watch: Partial<CallWatch> = {},
  sent: HttpRequest = request,
  deadlineMs = 10_000,
): Promise<CloudCall[]> {
  const heard: CloudCall[] = [];
  const http = createHttp({ fetch, deadlineMs, requestIdHeaders: ['x-cloud-request', 'x-other-request'] });
  const report = (call: CloudCall) => void heard.push(call);
  const whole: CallWatch = { step: 'renewal', operation: 'token.refresh', wantsGood: true, report, ...watch };
  await watchCalls(whole, async () => await http(url, sent).catch(() => undefined));
  return heard;
}

/** As a fetch whose request is never answered: it ends when its signal does. */
const silent: typeof fetch = (_url, init) =>
  new Promise((_resolve, reject) => {
    init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
  });

describe('a call that is watched', () => {
  test('a refusal is heard of with the cloud’s code, its words and its request id, and without the query', async () => {
    const body = { error: 'invalid_grant', error_description: 'AADSTS700082: The refresh token has expired.' };
    const [call] = await heardOf(answering(400, body, { 'x-other-request': 'req-7' }));
    expect(call).toEqual({
      operation: 'token.refresh',
      host: 'cloud.example',
      outcome: 'refused',
      status: 400,
      cloudCode: 'invalid_grant AADSTS700082',
      cloudRequestId: 'req-7',
      message: 'AADSTS700082: The refresh token has expired.',
      durationMs: expect.any(Number),
    });
  });

  test('of a success the status and the request id are heard of, and nothing of its body', async () => {
    const body = { access_token: 'at-secret', error: 'none', message: 'at-secret' };
    const [call] = await heardOf(answering(200, body, { 'x-cloud-request': 'req-8', 'x-other-request': 'req-9' }));
    expect(call).toMatchObject({ outcome: 'ok', status: 200, cloudRequestId: 'req-8', cloudCode: null, message: null });
  });

  test('where good calls are not wanted, only those that failed are heard of', async () => {
    expect(await heardOf(answering(200, {}), { wantsGood: false })).toEqual([]);
    expect(await heardOf(answering(500, {}), { wantsGood: false })).toHaveLength(1);
  });

  test('a refusal that is hoped for is a good call', async () => {
    const refused = answering(403, { code: 'AccessDenied', message: 'no' });
    const [call] = await heardOf(refused, { isRefusalGood: true });
    expect(call).toMatchObject({ outcome: 'ok', status: 403, cloudCode: 'AccessDenied' });
    expect(await heardOf(refused, { isRefusalGood: true, wantsGood: false })).toEqual([]);
    expect(await heardOf(answering(503, {}), { isRefusalGood: true, wantsGood: false })).toHaveLength(1);
  });

  test.each([
    [429, {}, 'throttled'],
    [400, { code: 'Throttling' }, 'throttled'],
    [403, { error: { code: 403, status: 'RATE_LIMIT_EXCEEDED' } }, 'throttled'],
    [503, { code: 'SlowDown' }, 'throttled'],
    [500, {}, 'unavailable'],
    [400, { error: 'temporarily_unavailable' }, 'unavailable'],
    [301, {}, 'refused'],
    [404, {}, 'refused'],
  ] as const)('HTTP %i with %j is %s', async (status, body, outcome) => {
    expect(await heardOf(answering(status, body))).toMatchObject([{ outcome, status }]);
  });

  test('what was sent, what looks like a credential and what cannot be seen is taken out of the cloud’s words', async () => {
    const other = 'Zm9yZWlnbi1zZWNyZXQtdGhhdC13YXMtbm90LXNlbnQtaGVyZQ';
    const message = `Bad ${REFRESH_TOKEN}\u202E, ${other}, Bearer abcdefgh.12345678`;
    const headers = { 'x-cloud-request': `req ${REFRESH_TOKEN}` };
    const heard = await heardOf(answering(400, { code: `bad ${REFRESH_TOKEN}`, message }, headers));
    expect(heard).toMatchObject([{ message: 'Bad [redacted], [redacted], [redacted]' }]);
    expect(JSON.stringify(heard)).not.toContain(REFRESH_TOKEN);
  });

  test.each([
    ['a refresh token', 'ovh-rt-Q2FuYXJ5VG9rZW5UaGF0V2FzTmV2ZXJTZW50SGVyZV8'],
    ['an access token without a digit', 'ovh-at-QqWwEeRrTtYyUuIiOoPpAaSsDdFfGgHh'],
    ['a short key', 'aB3dE6gH9jK2mN5pQ8sT'],
  ])('%s in the cloud’s words is taken out although it was not sent', async (_what, secret) => {
    const heard = await heardOf(answering(503, { code: 'x', message: `Bad (${secret})` }));
    expect(heard).toMatchObject([{ message: 'Bad ([redacted])' }]);
  });

  test.each([
    'Trace ID: 0f8fad5b-d9cb-469f-a165-70867728950e',
    'User: arn:aws:iam::111122223331:user/Mooring2026Production is not authorized',
    'InvalidAuthenticationTokenTenant: the token is of another tenant',
    'Project 7d1f4e0b9c6a4d7f8b2e3c5a6d7e8f90 is not there',
  ])('“%s” stays, because support asks for it', async (message) => {
    expect(await heardOf(answering(403, { code: 'x', message }))).toMatchObject([{ message }]);
  });

  test('a secret in the request id of a success is taken out too', async () => {
    const heard = await heardOf(answering(200, {}, { 'x-cloud-request': REFRESH_TOKEN }));
    expect(heard).toMatchObject([{ outcome: 'ok', cloudRequestId: '[redacted]' }]);
  });

  test('long words of the cloud are cut', async () => {
    const [call] = await heardOf(answering(400, { code: 'x'.repeat(900), message: 'too long '.repeat(900) }));
    expect([call?.cloudCode?.length, call?.message?.length]).toEqual([100, 300]);
  });

  test('the caller still reads the whole answer', async () => {
    const http = createHttp({ fetch: answering(400, { code: 'no' }) });
    const watch: CallWatch = { step: 'proof', operation: 'any', wantsGood: true, report: () => {} };
    const response = await watchCalls(watch, async () => await http(url, request));
    expect(await response.json()).toEqual({ code: 'no' });
  });
});

describe('a call without an answer', () => {
  test('one that the deadline ended has timed out, whoever set the deadline', async () => {
    const ours = startDeadline(20);
    expect(await heardOf(silent, {}, { ...request, signal: ours.signal })).toMatchObject([{ outcome: 'timed_out' }]);
    const heard = await heardOf(silent, {}, request, 20);
    expect(heard).toMatchObject([{ outcome: 'timed_out', status: null, message: 'no answer within 0.02 s' }]);
  });

  test('one that was given up is aborted', async () => {
    const controller = new AbortController();
    const heard = heardOf(silent, {}, { ...request, signal: controller.signal });
    controller.abort();
    expect(await heard).toMatchObject([{ outcome: 'aborted' }]);
  });

  test.each([
    ['ECONNREFUSED', 'not_sent'],
    ['ECONNRESET', 'unavailable'],
  ])('one that ended with %s is %s', async (code, outcome) => {
    const fails: typeof fetch = () => Promise.reject(new TypeError('fetch failed', { cause: { code } }));
    expect(await heardOf(fails)).toMatchObject([{ outcome, message: code, cloudCode: null, cloudRequestId: null }]);
  });

  test('one to an address that credentials must not go to was not sent', async () => {
    const heard: CloudCall[] = [];
    const report = (call: CloudCall) => void heard.push(call);
    const http = createHttp({ fetch: () => expect.fail('it was sent') });
    const watch: CallWatch = { step: 'renewal', operation: 'token.refresh', wantsGood: true, report };
    await watchCalls(watch, async () => await http('http://cloud.example/token', request).catch(() => undefined));
    expect(heard).toMatchObject([{ outcome: 'not_sent', host: 'cloud.example' }]);
  });
});

describe('what a call is', () => {
  test('is said by the part of the work that makes it, also when parts run at the same time', async () => {
    const heard: string[] = [];
    const report = ({ operation }: CloudCall, step: AttemptStep) => void heard.push(`${step} ${operation}`);
    const http = createHttp({ fetch: answering(200, {}) });
    const ask = async () => await http(url, request);
    const watch: CallWatch = { step: 'exchange', operation: 'token.exchange', wantsGood: true, report };
    await watchCalls(watch, async () => {
      await ask();
      await Promise.all([
        calling('account.read', ask),
        calling({ step: 'proof', operation: 'projects.list' }, async () => await calling('time.read', ask)),
      ]);
      await ask();
    });
    expect(heard.toSorted()).toEqual([
      'exchange account.read',
      'exchange token.exchange',
      'exchange token.exchange',
      'proof time.read',
    ]);
  });

  test('is not asked where nothing watches', async () => {
    const http = createHttp({ fetch: answering(400, {}) });
    expect((await calling('account.read', async () => await http(url, request))).status).toBe(400);
  });
});

describe('what clouds say in an error', () => {
  test.each([
    [{ error: { code: 403, message: 'No.', status: 'PERMISSION_DENIED' } }, 'PERMISSION_DENIED', 'No.'],
    [[{ error: { code: 403, message: 'No.', status: 'PERMISSION_DENIED' } }], 'PERMISSION_DENIED', 'No.'],
    [{ error: { code: 'AuthorizationFailed', message: 'No.' } }, 'AuthorizationFailed', 'No.'],
    [{ error: 'invalid_grant', error_description: 'Expired.' }, 'invalid_grant', 'Expired.'],
    [{ class: 'Client::Forbidden', message: 'No.' }, 'Client::Forbidden', 'No.'],
    [{ errorCode: 'INVALID_KEY', class: 'Client::Forbidden', message: 'No.' }, 'INVALID_KEY', 'No.'],
    [{ __type: 'com.amazonaws#AccessDeniedException', Message: 'No.' }, 'AccessDeniedException', 'No.'],
    [
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>No.</Message></Error></ErrorResponse>',
      'AccessDenied',
      'No.',
    ],
    ['<!doctype html><title>502</title>', undefined, undefined],
    ['not JSON', undefined, undefined],
    ['', undefined, undefined],
    [{ message: { nested: true }, code: 12 }, undefined, undefined],
  ])('%j', (body, code, message) => {
    expect(saidIn(typeof body === 'string' ? body : JSON.stringify(body))).toEqual({ code, message });
  });

  test('an error that only a header names is read from there', async () => {
    const headers = { 'x-amzn-errortype': 'AccessDeniedException:http://internal.amazon.com/' };
    expect(await heardOf(answering(403, { message: 'No.' }, headers))).toMatchObject([
      { cloudCode: 'AccessDeniedException' },
    ]);
  });
});
