import { once } from 'node:events';
import { connect, Socket, type AddressInfo } from 'node:net';
import { Value } from 'typebox/value';
import { beforeEach, describe, expect, it } from 'vitest';
import { constantSecurityHeaders } from '../../../api/http/plugins/security-headers.ts';
import { LONGEST_ADDRESS } from '../../../api/http/plugins/request-line.ts';
import { ProblemDocument } from '../../../api/http/problem-schema.ts';
import { createUnreadableRequestHandler, MOST_HEADER_BYTES } from '../../../api/http/unreadable-requests.ts';
import { composeApp, type ComposedApp } from './composed-app.ts';

const publicUrl = 'https://mooring.example';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

describe('a request that cannot be read', () => {
  let composed: ComposedApp;
  let port: number;
  beforeEach(async () => {
    composed = await composeApp({ publicUrl });
    await composed.app.listen({ port: 0, host: '127.0.0.1' });
    ({ port } = composed.app.server.address() as AddressInfo);
  });

  /** Sends bytes as they are. Returns all that comes back until the server closes the connection. */
  async function receivedFor(bytes: string): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // The server may close the connection before everything was sent.
    socket.on('error', () => undefined);
    socket.write(bytes, 'latin1');
    await once(socket, 'close');
    return Buffer.concat(chunks).toString();
  }

  async function answerTo(bytes: string): Promise<Answer> {
    const [head = '', body = ''] = (await receivedFor(bytes)).split('\r\n\r\n', 2);
    const [first = '', ...lines] = head.split('\r\n');
    const headers = lines.map((line) => [line.split(':', 1)[0]?.toLowerCase(), line.replace(/^[^:]+: ?/, '')]);
    return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers) as Answer['headers'], body };
  }

  /** The problem document of an answer, after its status and its headers were checked. */
  function problemIn({ status, headers, body }: Answer, expected: number): ProblemDocument {
    expect([status, headers['content-type']]).toEqual([expected, 'application/problem+json; charset=utf-8']);
    const document = JSON.parse(body) as ProblemDocument;
    expect([...Value.Errors(ProblemDocument, document)]).toEqual([]);
    expect(document).toMatchObject({ status: expected, requestId: headers['x-request-id'] });
    expect(headers).toMatchObject({ ...constantSecurityHeaders(publicUrl), 'cache-control': 'no-store' });
    expect(composed.log(), 'the log has a line for it').toContain(document.requestId);
    return document;
  }

  const end = 'Connection: close\r\n\r\n';
  const host = 'Host: mooring.example\r\n';
  const get = (address: string): string => `GET ${address} HTTP/1.1\r\n${host}${end}`;

  it.each([
    ['what is not HTTP', `\u0016\u0003\u0001\u0002\u0000\u0001\u0000`],
    ['a request line without a method', `/healthz HTTP/1.1\r\n${host}${end}`],
    ['an unknown version of HTTP', `GET /healthz HTTP/9.9\r\n${host}${end}`],
    ['a header with a control character', `GET /healthz HTTP/1.1\r\n${host}X: a\u0000b\r\n${end}`],
    [
      'two lengths of one body',
      `POST /v1/connections HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
    ],
    [
      'a length beside chunks',
      `POST /v1/connections HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['no host', `GET /healthz HTTP/1.1\r\n${end}`],
    ['a badly encoded address', get('/v1/connections/%zz')],
    ['an address that is no UTF-8', get('/connect/%ff')],
  ])('%s is answered with a problem document and the security headers', async (_what, request) => {
    expect(problemIn(await answerTo(request), 400).code).toBe('malformed_request');
  });

  it.each([
    ['a long path', get(`/connect/${'x'.repeat(LONGEST_ADDRESS)}`)],
    ['a long query', get(`/v1/connections?cursor=${'x'.repeat(LONGEST_ADDRESS)}`)],
    ['a path longer than all headers may be', get(`/connect/${'x'.repeat(2 * MOST_HEADER_BYTES)}`)],
  ])('%s is answered with 414 as a problem document with the security headers', async (_what, request) => {
    expect(problemIn(await answerTo(request), 414).code).toBe('address_too_long');
  });

  it('headers that are too large are answered with 431 as a problem document with the security headers', async () => {
    const large = `GET /healthz HTTP/1.1\r\n${host}Cookie: ${'x'.repeat(MOST_HEADER_BYTES)}\r\n${end}`;
    expect(problemIn(await answerTo(large), 431).code).toBe('headers_too_large');
  });

  it('an expectation that is not met is answered with 417 as a problem document with the security headers', async () => {
    const request = `GET /healthz HTTP/1.1\r\n${host}Expect: a-miracle\r\n${end}`;
    expect(problemIn(await answerTo(request), 417).code).toBe('expectation_failed');
  });

  it('nothing is written into an answer that has been begun, nor a second answer after the first', () => {
    const handle = createUnreadableRequestHandler({ publicUrl, logger: composed.deps.logger });
    const done: string[] = [];
    const socketWith = (headersSent: boolean) =>
      Object.assign(new Socket(), {
        _httpMessage: { headersSent },
        end: () => done.push('answered'),
        destroy: () => done.push('destroyed'),
      });
    handle(new Error('bad chunk'), socketWith(true));
    expect(done).toEqual(['destroyed']);
    const fresh = socketWith(false);
    for (let times = 0; times < 3; times += 1) handle(new Error('bad chunk'), fresh);
    expect(done).toEqual(['destroyed', 'answered']);
  });

  it('an address of the greatest length is served', async () => {
    const path = '/healthz?x=';
    const answer = await answerTo(get(path + 'x'.repeat(LONGEST_ADDRESS - path.length)));
    expect(answer.status).toBe(200);
  });

  it('the headers that are written by hand are those of every other response', async () => {
    for (const url of [publicUrl, 'http://localhost:5000']) {
      const { app } = await composeApp({ publicUrl: url });
      const { headers } = await app.inject('/healthz');
      const others = ['content-type', 'content-length', 'x-request-id', 'date', 'connection', 'keep-alive'];
      const names = Object.keys(headers).filter((name) => !others.includes(name));
      expect(Object.fromEntries(names.map((name) => [name, headers[name]]))).toEqual(constantSecurityHeaders(url));
    }
  });
});
