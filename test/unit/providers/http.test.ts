import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';

import { afterEach, describe, expect, test } from 'vitest';

import { CallError } from '../../../providers/http/call-error.ts';
import { createHttp, type Http } from '../../../providers/http/http.ts';
import { freeze, startAnsweringThread } from './answering-thread.ts';

const request = { method: 'POST', headers: {}, body: 'grant_type=refresh_token' };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  cleanups.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function failureOf(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CallError);
  return (error as CallError).failure;
}

const failingWith = (code: string): Http =>
  createHttp({ fetch: () => Promise.reject(new TypeError('fetch failed', { cause: { code } })) });

describe('whether a request was sent', () => {
  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])(
    '%s: it surely was not',
    async (code) => {
      const failure = await failureOf(failingWith(code)('https://cloud.example/token', request));
      expect(failure).toEqual({ kind: 'no_answer', delivery: 'not_sent', reason: code });
    },
  );

  test.each(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT', 'CERT_HAS_EXPIRED'])(
    '%s, from a fetch that says no more: nobody knows',
    async (code) => {
      const failure = await failureOf(failingWith(code)('https://cloud.example/token', request));
      expect(failure).toEqual({ kind: 'no_answer', delivery: 'unknown', reason: code });
    },
  );

  test('a deadline that passes while the connection is still being made: it surely was not', async () => {
    // Takes the TCP connection, and never says a word of TLS.
    const mute = createTcpServer(() => {}).listen(0, '127.0.0.1');
    cleanups.push(() => mute.close());
    await once(mute, 'listening');
    const url = `https://127.0.0.1:${(mute.address() as AddressInfo).port}/token`;
    const failure = await failureOf(createHttp({ fetch, deadlineMs: 100 })(url, request));
    expect(failure).toEqual({ kind: 'no_answer', delivery: 'not_sent', reason: 'no answer within 0.1 s' });
  });

  test('a deadline that passes while waiting for the answer: nobody knows', async () => {
    const { url } = await serve(() => {});
    expect(await failureOf(createHttp({ fetch, deadlineMs: 100 })(url, request))).toEqual({
      kind: 'no_answer',
      delivery: 'unknown',
      reason: 'no answer within 0.1 s',
    });
  });

  test('an answer that breaks off in its body: nobody knows', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"access_token":', () => response.destroy());
    });
    expect(await failureOf(createHttp({ fetch })(url, request))).toMatchObject({ delivery: 'unknown' });
  });

  test('an answer whose body never ends is cut at the deadline', async () => {
    const { url } = await serve((_, response) => response.writeHead(200).write('…'));
    expect(await failureOf(createHttp({ fetch, deadlineMs: 100 })(url, request))).toMatchObject({
      reason: 'no answer within 0.1 s',
    });
  });
});

describe('a process that was frozen', () => {
  const deadlineMs = 200;
  const frozenMs = 1_000;

  test('takes the answer that came in time, though its deadline is long over', async () => {
    const cloud = await startAnsweringThread();
    cleanups.push(cloud.close);
    const arrived = cloud.arrived();
    const answer = createHttp({ fetch, deadlineMs })(`${cloud.url}/answers`, request);
    await arrived;
    freeze(frozenMs);
    expect(await (await answer).text()).toBe('late but here');
  });

  test('gives up soon after, where no answer came', async () => {
    const cloud = await startAnsweringThread();
    cleanups.push(cloud.close);
    const arrived = cloud.arrived();
    const answer = failureOf(createHttp({ fetch, deadlineMs })(`${cloud.url}/silent`, request));
    await arrived;
    freeze(frozenMs);
    const thawedAt = performance.now();
    expect(await answer).toMatchObject({ kind: 'no_answer', delivery: 'unknown' });
    expect(performance.now() - thawedAt).toBeLessThan(2_000);
  });
});

describe('what is sent', () => {
  test('each request takes a connection of its own, so that none is lost to one that the cloud just closed', async () => {
    const { url, server } = await serve((_, response) => response.end());
    let connections = 0;
    server.on('connection', () => (connections += 1));
    const http = createHttp({ fetch });
    for (let count = 0; count < 3; count += 1) await http(url, request);
    expect(connections).toBe(3);
  });

  test('a redirect is answered, not followed: credentials go where they were addressed', async () => {
    const paths: (string | undefined)[] = [];
    const { url } = await serve((incoming, response) => {
      paths.push(incoming.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect((await createHttp({ fetch })(url, request)).status).toBe(307);
    expect(paths).toEqual(['/']);
  });

  test.each([
    'http://cloud.example/token',
    'http://10.0.0.1/token',
    'http://127.0.0.1.cloud.example/',
    'ftp://127.0.0.1/',
    'no url',
  ])('nothing goes to %s', async (url) => {
    const http = createHttp({ fetch: () => expect.fail('it was sent') });
    expect(await failureOf(http(`${url}?code=abc`, request))).toEqual({ kind: 'insecure_url', url });
  });
});
