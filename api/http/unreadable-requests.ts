import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Logger } from '../../platform/logger.ts';
import { constantSecurityHeaders } from './plugins/security-headers.ts';
import { problemDocument } from './plugins/problems.ts';
import { ApiProblem } from './problem.ts';
import { addressTooLong, codeOf } from './to-problem.ts';

/** Of request line and headers together. */
export const MOST_HEADER_BYTES = 16 * 1024;

interface ClientError extends Error {
  readonly code?: string;
  /** The bytes that were received last. */
  readonly rawPacket?: unknown;
}

/** The client gets the time to read the answer: a connection that is reset at once would lose it. */
const LINGER_MS = 1_000;

/** Of Node.js: the reply that is being sent on the connection. */
type Busy = Socket & { readonly _httpMessage?: Pick<ServerResponse, 'headersSent'> | null };

/**
 * Answers a request that Node.js cannot read as HTTP, so that there is no request for Fastify. The answer is a problem
 * document with the security headers, written by hand; the connection is closed.
 */
export function createUnreadableRequestHandler(deps: { readonly publicUrl: string; readonly logger: Logger }) {
  const securityHeaders = constantSecurityHeaders(deps.publicUrl);
  const answered = new WeakSet<Socket>();
  return (error: ClientError, socket: Busy): void => {
    // What the client goes on sending is another error.
    if (answered.has(socket)) return;
    answered.add(socket);
    // The client has gone, or a reply has been begun: another one in the middle of it would be taken for its body.
    if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent) {
      socket.destroy();
      return;
    }
    const problem = problemOf(error);
    const requestId = `req_${randomUUID()}`;
    deps.logger.info({ status: problem.status, reason: error.code, requestId }, 'A request could not be read.');
    const body = JSON.stringify(problemDocument(problem, requestId));
    const headers = {
      ...securityHeaders,
      'content-type': 'application/problem+json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
      'x-request-id': requestId,
      connection: 'close',
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`);
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
}

function problemOf({ code, rawPacket }: ClientError): ApiProblem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return isWithinRequestLine(rawPacket) ? unreadable(414, addressTooLong) : unreadable(431, headersTooLarge);
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return unreadable(408, tooSlow);
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return unreadable(413, bodyTooLarge);
    case undefined:
    default:
      return unreadable(400, notHttp);
  }
}

/** The first line has not ended where the limit was passed. */
const isWithinRequestLine = (packet: unknown): boolean =>
  Buffer.isBuffer(packet) && /^[A-Z]{3,10} [^\r\n]+$/.test(packet.subarray(0, MOST_HEADER_BYTES).toString('latin1'));

const unreadable = (status: number, text: Pick<ApiProblem, 'message' | 'remedy'>): ApiProblem =>
  new ApiProblem({ status, code: codeOf(status), ...text });

const headersTooLarge = {
  message: `The headers of the request are larger than ${MOST_HEADER_BYTES} bytes.`,
  remedy: 'Send fewer or shorter headers; delete the cookies of this address.',
};
const tooSlow = {
  message: 'The request was not sent completely in time.',
  remedy: 'Send it again, in one go.',
};
const bodyTooLarge = {
  message: 'The chunks of the body carry more extensions than are read.',
  remedy: 'Send the body without chunk extensions.',
};
const notHttp = {
  message: 'What was sent is not a valid HTTP request.',
  remedy: 'Send it with an HTTP client (RFC 9112); check whether TLS is spoken to a port that speaks none.',
};
