import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hasMore } from '../../../api/http/plugins/body-values.ts';
import { composeApp } from './composed-app.ts';
import { openApiOperations } from '../../support/open-api-operations.ts';

const operations = await openApiOperations();
const MIB = 1024 * 1024;
const withBody = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** A listening app, and a client that sends a head, then what it is told to, and never ends its body by itself. */
async function served() {
  const composed = await composeApp();
  await composed.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = composed.app.server.address() as AddressInfo;
  const begin = async (head: string, body = '') => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.on('error', () => undefined);
    const closed = once(socket, 'close');
    socket.write(`${head}\r\nHost: mooring.example\r\nContent-Type: application/json\r\n\r\n${body}`);
    const status = async (): Promise<number> => {
      while (!text.includes('\r\n')) await once(socket, 'data');
      return Number(text.split(' ')[1]);
    };
    return { status, closed };
  };
  return { ...composed, port, begin };
}

describe('a request without an API key', () => {
  const guarded = operations.filter(({ method, scopes }) => withBody.includes(method) && scopes.length > 0);

  it.each([
    ['a body of 16 MiB', `Content-Length: ${16 * MIB}`, '{"payloads":['],
    ['a body without an end', 'Transfer-Encoding: chunked', '1\r\n[\r\n'],
  ])('every operation answers 401 before %s has arrived', async (_what, header, start) => {
    const { begin } = await served();
    for (const { operationId, method, url } of guarded) {
      const { status } = await begin(`${method} ${url} HTTP/1.1\r\n${header}`, start);
      expect([operationId, await status()]).toEqual([operationId, 401]);
    }
  });

  it('the codec answers 404 to a wrong path token before the body arrives', async () => {
    const { begin } = await served();
    for (const verb of ['decode', 'encode']) {
      const head = `POST /codec/wrong-token/${verb} HTTP/1.1\r\nContent-Length: ${4 * MIB}`;
      expect(await (await begin(head, '{')).status()).toBe(404);
    }
  });

  it('every route that takes a body without an API key is in this list', async () => {
    const { app } = await composeApp();
    const needsKey = new Set(guarded.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`));
    const open = app.knownRoutes
      .filter(({ method }) => withBody.includes(method))
      .map(({ method, url }) => `${method} ${url}`)
      .filter((route) => !needsKey.has(route));
    expect(open.toSorted()).toEqual([
      'POST /codec/:token/decode',
      'POST /codec/:token/encode',
      'POST /connect/:token',
      'POST /result/:token/try-now',
    ]);
  });
});

describe('a body with very many values', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  it('a body with very many values is refused before its schema is checked, also on pages for everyone', async () => {
    const { app, keyFor } = await composeApp();
    const writer = await keyFor('acme', 'connections:write');
    const many = Array.from({ length: 2_001 }, () => 1);
    const api = { method: 'POST', url: '/v1/connections', headers: writer, payload: { tags: many } } as const;
    expect((await app.inject(api)).json()).toMatchObject({ status: 413, code: 'body_too_large' });
    const payload = many.map((_one, n) => `a${n}=`).join('&');
    expect((await app.inject({ method: 'POST', url: '/connect/x', headers: form, payload })).statusCode).toBe(413);
  });

  it.each([
    [undefined, 0, false],
    ['text', 0, true],
    [[1, 2, 3], 4, false],
    [[1, 2, 3], 3, true],
    [{ a: { b: { c: 1 } } }, 4, false],
    [{ a: { b: { c: 1 } } }, 3, true],
  ])('the body %j with at most %i values has more: %s', (body, most, more) => {
    expect(hasMore(body, most)).toBe(more);
  });
});

describe('a request that does not end', () => {
  it('a body that is longer than its route takes is refused before it arrives', async () => {
    const { begin, operatorKey } = await served();
    const { authorization } = await operatorKey('operator:decode');
    const post = async (url: string, length: number) =>
      await (
        await begin(`POST ${url} HTTP/1.1\r\nAuthorization: ${authorization}\r\nContent-Length: ${length}`)
      ).status();
    expect(await post('/codec/decode', 4 * MIB + 1)).toBe(413);
    expect(await post('/connect/x', 64 * 1024 + 1)).toBe(413);
  });

  it('a request whose head or body does not arrive in time is ended', async () => {
    const { app, port, begin } = await served();
    expect(app.server).toMatchObject({ requestTimeout: 30_000, headersTimeout: 10_000, timeout: 120_000 });
    Object.assign(app.server, { requestTimeout: 500, headersTimeout: 500 });
    const slow = await begin('POST /connect/x HTTP/1.1\r\nContent-Length: 100', 'passcode=');
    const head = connect(port, '127.0.0.1');
    head.on('error', () => undefined);
    const headClosed = once(head, 'close');
    head.resume().write('GET /healthz HTTP/1.1\r\nX-Slow: ');
    await Promise.all([slow.closed, headClosed]);
    expect(await slow.status()).toBe(408);
  });
});
