import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import type { Addresses } from './addresses.ts';
import { type Cloud, type ControlRoute, type SandboxRequest, SandboxError } from './cloud.ts';
import { send, type Exchange } from './serve.ts';

const CONTROL_PREFIX = '/_sandbox';
const MAX_BODY_BYTES = 1_000_000;

/** The HTTP server: passes each request to its cloud. The caller starts it. */
export function createHttpServer(deps: {
  clouds: readonly Cloud[];
  control: readonly ControlRoute[];
  addresses: Addresses;
  serve: (exchange: Exchange) => Promise<void>;
}): Server {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parsed = await parse(request);
    if (`${parsed.path}/`.startsWith(`${CONTROL_PREFIX}/`)) return answerControl(deps.control, parsed, response);
    deps.addresses.add(parsed.method, request.url ?? '');
    for (const cloud of deps.clouds) {
      const operation = cloud.match(parsed);
      if (operation) return deps.serve({ operation, request, response });
    }
    throw new SandboxError(404, `The sandbox simulates nothing at ${parsed.method} ${parsed.path}.`);
  };

  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const status = error instanceof SandboxError ? error.status : 500;
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof SandboxError)) console.error('The sandbox met an error of its own:', error);
      if (!response.headersSent) send(response, { status, body: { message } });
    });
  });
}

async function answerControl(routes: readonly ControlRoute[], request: SandboxRequest, response: ServerResponse) {
  const path = request.path.slice(CONTROL_PREFIX.length) || '/';
  for (const route of routes) {
    const found = route.method === request.method ? route.path.exec(path) : null;
    if (!found) continue;
    const parameters = found.slice(1).map(decodeURIComponent);
    const body = await route.handle({ parameters, query: request.query, body: jsonOf(request) });
    return send(response, { status: 200, body });
  }
  throw new SandboxError(404, `The control API has nothing at ${request.method} ${request.path}.`);
}

function jsonOf({ body, headers }: SandboxRequest): unknown {
  if (body === '') return undefined;
  // Also keeps pages of other origins out: a form can't send this type, and no preflight is ever answered.
  if (!headers['content-type']?.startsWith('application/json')) {
    throw new SandboxError(415, 'The control API takes application/json.');
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new SandboxError(400, 'The body is no JSON.');
  }
}

async function parse(request: IncomingMessage): Promise<SandboxRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new SandboxError(413, 'The body is larger than the sandbox takes.');
    chunks.push(chunk);
  }
  const url = new URL(request.url ?? '/', 'http://sandbox');
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    address: request.url ?? '/',
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
