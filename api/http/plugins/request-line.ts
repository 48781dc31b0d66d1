import type { IncomingMessage } from 'node:http';
import { plugin } from '../plugin.ts';
import { ApiProblem } from '../problem.ts';
import { addressTooLong, codeOf, toProblem } from '../to-problem.ts';

/** RFC 9110, 4.1 asks for 8,000 at least. Longer ones are only sent by mistake, or to load the server. */
export const LONGEST_ADDRESS = 8_192;

/** Has no route. */
const NOWHERE = '/address-not-served';

const faults = new WeakMap<IncomingMessage, () => ApiProblem>();

/**
 * The address to find a route by, for Fastify's `rewriteUrl`. Where the router cannot read the address, Fastify would
 * answer without any hook: no security headers, no request id, no line in the log, no metric.
 */
export function routableAddress(request: IncomingMessage): string {
  const { url = '/' } = request;
  if (url.length > LONGEST_ADDRESS) return unroutable(request, tooLong);
  return isWellEncoded(url.split('?', 1)[0] ?? '') ? url : unroutable(request, badlyEncoded);
}

function unroutable(request: IncomingMessage, fault: () => ApiProblem): string {
  faults.set(request, fault);
  return NOWHERE;
}

function isWellEncoded(path: string): boolean {
  if (!path.includes('%')) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Answers what cannot be routed, and what Node.js itself would answer without a document, like every other problem. */
export const requestLine = plugin('request-line', ['problems', 'security-headers'], (app) => {
  app.server.on('checkExpectation', (request: IncomingMessage, response) => {
    faults.set(request, expectationFailed);
    app.routing(request, response);
  });
  app.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request;
    const isHostless = raw.headers.host === undefined && raw.httpVersion === '1.1';
    const fault = faults.get(raw) ?? (isHostless ? hostMissing : undefined);
    done(fault?.());
  });
});

const tooLong = (): ApiProblem => new ApiProblem({ status: 414, code: codeOf(414), ...addressTooLong });

const badlyEncoded = (): ApiProblem => toProblem(Object.assign(new Error('Bad address.'), { code: 'FST_ERR_BAD_URL' }));

const hostMissing = (): ApiProblem =>
  new ApiProblem({
    status: 400,
    code: codeOf(400),
    message: 'The request has no Host header.',
    remedy: 'Send one (RFC 9112, 3.2).',
  });

const expectationFailed = (): ApiProblem =>
  new ApiProblem({
    status: 417,
    code: codeOf(417),
    message: 'The request has an Expect header with something else than 100-continue.',
    remedy: 'Leave the header out (RFC 9110, 10.1.1).',
  });
