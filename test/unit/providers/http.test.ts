import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';

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

test('an answer without end is no answer: it is given up at 32 MiB, and what is still to come is not read', async () => {
  const chunk = new Uint8Array(1024 * 1024);
  let sent = 0;
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1;
      controller.enqueue(chunk);
    },
    cancel() {
      isCancelled = true;
    },
  });
  const http = createHttp({ fetch: () => Promise.resolve(new Response(endless)) });
  const failure = await failureOf(http('https://cloud.example/list', request));
  expect(failure).toEqual({ kind: 'no_answer', delivery: 'unknown', reason: 'an answer of over 32 MiB' });
  expect(isCancelled).toBe(true);
  expect(sent).toBeLessThan(40);
});

describe('connections', () => {
  test('a connection that is not made in its time is given up, with nothing sent, while a slow answer is waited for', async () => {
    // It takes the connection and says nothing, so TLS never begins.
    const silent = createTcpServer(() => undefined).listen(0, '127.0.0.1');
    cleanups.push(() => silent.close());
    await once(silent, 'listening');
    const { url } = await serve((_request, response) => void setTimeout(() => response.end('late'), 150));
    const http = createHttp({ fetch, deadlineMs: 10_000, connectDeadlineMs: 50 });
    const { port } = silent.address() as AddressInfo;
    const failure = await failureOf(http(`https://127.0.0.1:${port}/`, request));
    expect(failure).toEqual({ kind: 'no_answer', delivery: 'not_sent', reason: 'no connection within 0.05 s' });
    await expect(http(url, request).then(async (response) => await response.text())).resolves.toBe('late');
  });

  test('a connection is used once, unless it is kept for lists', async () => {
    let connections = 0;
    const { url, server } = await serve((_request, response) => response.end());
    server.on('connection', () => void (connections += 1));
    const single = createHttp({ fetch });
    for (let calls = 0; calls < 3; calls += 1) await single(url, request);
    expect(connections).toBe(3);
    const kept = createHttp({ fetch, keepsConnections: true });
    for (let calls = 0; calls < 12; calls += 1) {
      await kept(url, request);
      // A connection is free again a few turns of the event loop after its answer was read.
      for (let turns = 0; turns < 10; turns += 1) await setImmediate();
    }
    expect(connections - 3).toBeLessThanOrEqual(4);
  });
});

describe('whether a request was sent', () => {
  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])(
    'a request that fails with %s was not sent',
    async (code) => {
      const failure = await failureOf(failingWith(code)('https://cloud.example/token', request));
      expect(failure).toEqual({ kind: 'no_answer', delivery: 'not_sent', reason: code });
    },
  );

  test.each(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT', 'CERT_HAS_EXPIRED'])(
    'a request that fails with %s may have been sent',
    async (code) => {
      const failure = await failureOf(failingWith(code)('https://cloud.example/token', request));
      expect(failure).toEqual({ kind: 'no_answer', delivery: 'unknown', reason: code });
    },
  );

  test('a request whose deadline passes while the connection is being made was not sent', async () => {
    // Accepts the TCP connection, and never starts TLS.
    const mute = createTcpServer(() => {}).listen(0, '127.0.0.1');
    cleanups.push(() => mute.close());
    await once(mute, 'listening');
    const url = `https://127.0.0.1:${(mute.address() as AddressInfo).port}/token`;
    const failure = await failureOf(createHttp({ fetch, deadlineMs: 100 })(url, request));
    expect(failure).toEqual({ kind: 'no_answer', delivery: 'not_sent', reason: 'no answer within 0.1 s' });
  });

  test('a request whose deadline passes while it waits for the response may have been sent', async () => {
    const { url } = await serve(() => {});
    expect(await failureOf(createHttp({ fetch, deadlineMs: 100 })(url, request))).toEqual({
      kind: 'no_answer',
      delivery: 'unknown',
      reason: 'no answer within 0.1 s',
    });
  });

  test('a request whose response breaks off in the body may have been sent', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"access_token":', () => response.destroy());
    });
    expect(await failureOf(createHttp({ fetch })(url, request))).toMatchObject({ delivery: 'unknown' });
  });

  test('a response whose body never ends is cut off at the deadline', async () => {
    const { url } = await serve((_, response) => response.writeHead(200).write('…'));
    expect(await failureOf(createHttp({ fetch, deadlineMs: 100 })(url, request))).toMatchObject({
      reason: 'no answer within 0.1 s',
    });
  });
});

describe('a process that was frozen', () => {
  const deadlineMs = 200;
  const frozenMs = 1_000;

  test('a process that was frozen past the deadline still takes a response that arrived in time', async () => {
    const cloud = await startAnsweringThread();
    cleanups.push(cloud.close);
    const arrived = cloud.arrived();
    const answer = createHttp({ fetch, deadlineMs })(`${cloud.url}/answers`, request);
    await arrived;
    freeze(frozenMs);
    expect(await (await answer).text()).toBe('late but here');
  });

  test('a request without a response times out soon after a frozen process resumes', async () => {
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
  test('each request opens its own connection, so that none uses a connection that the cloud just closed', async () => {
    const { url, server } = await serve((_, response) => response.end());
    let connections = 0;
    server.on('connection', () => (connections += 1));
    const http = createHttp({ fetch });
    for (let count = 0; count < 3; count += 1) await http(url, request);
    expect(connections).toBe(3);
  });

  test('a redirect is returned and not followed, so that credentials reach no other address', async () => {
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
  ])('a request to %s is refused and not sent', async (url) => {
    const http = createHttp({ fetch: () => expect.fail('it was sent') });
    expect(await failureOf(http(`${url}?code=abc`, request))).toEqual({ kind: 'insecure_url', url });
  });
});
