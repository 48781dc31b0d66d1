import { getServers } from 'node:dns';
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { because, quoted } from './go.ts';

export interface Call {
  readonly method: 'GET';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** The program's own limit; a test of the stand-in can't wait that long. */
const TIMEOUT_MS = Number(process.env['OVHCLOUD_STANDIN_TIMEOUT_MS'] ?? 180_000);
const PARALLEL = 10;

const ca = process.env['SSL_CERT_FILE'] ? [readFileSync(process.env['SSL_CERT_FILE'], 'utf8')] : undefined;
const plain = new http.Agent({ keepAlive: true, maxSockets: PARALLEL });
const secure = new https.Agent({ keepAlive: true, maxSockets: PARALLEL, ...(ca ? { ca } : {}) });

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 10;

/**
 * One request, answered whole, redirects followed. Throws with the words that Go's HTTP client has for what went wrong.
 */
export async function send(call: Call): Promise<Answer> {
  let current = call;
  for (let redirects = 0; ; redirects++) {
    const answer = await attemptFresh(current);
    const { location } = answer.headers;
    if (!REDIRECTS.has(answer.status) || location === undefined) return answer;
    current = redirected(current, new URL(location, current.url));
    if (redirects >= MOST_REDIRECTS) throw failed(current, `stopped after ${MOST_REDIRECTS} redirects`);
  }
}

async function attemptFresh(call: Call): Promise<Answer> {
  try {
    return await attempt(call);
  } catch (error) {
    if (error instanceof StaleConnection) return await attemptFresh(call);
    if (error instanceof BrokenOff) throw error;
    throw failed(call, inGoWords(error as NodeJS.ErrnoException, new URL(call.url)));
  }
}

const failed = ({ url }: Call, reason: string): Error => because(`Get ${quoted(url)}`, new Error(reason));

/** Go keeps `Authorization` from another host, and sends all other headers there: a signature and a consumer key too. */
function redirected({ method, url, headers }: Call, target: URL): Call {
  const isSameHost = target.host === new URL(url).host;
  const kept = Object.entries(headers).filter(([name]) => isSameHost || name !== 'Authorization');
  return { method, url: target.href, headers: Object.fromEntries(kept) };
}

/** A kept connection that the server closed meanwhile: Go sends such a request once more. */
class StaleConnection extends Error {}

/** The connection ended in the middle of an answer. */
class BrokenOff extends Error {
  constructor() {
    super('unexpected EOF');
  }
}

async function attempt(call: Call): Promise<Answer> {
  const url = new URL(call.url);
  if (/(^|\.)invalid$/.test(url.hostname)) throw Object.assign(new Error('RFC 6761, 6.4'), { code: 'ENOTFOUND' });
  const proxy = url.protocol === 'https:' ? process.env['HTTPS_PROXY'] : undefined;
  const socket = proxy === undefined ? undefined : await tunnel(new URL(proxy), url);

  return await new Promise<Answer>((resolve, reject) => {
    const module = url.protocol === 'https:' ? https : http;
    const request = module.request(call.url, {
      method: call.method,
      headers: call.headers,
      ...(socket ? { createConnection: () => socket } : { agent: module === https ? secure : plain }),
      // Node would resolve `..` in a path and escape it anew: the path goes out as it was built.
      path: call.url.slice(url.origin.length) || '/',
    });
    request.setTimeout(TIMEOUT_MS, () => request.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })));
    request.on('error', (error: NodeJS.ErrnoException) => {
      reject(request.reusedSocket && error.code === 'ECONNRESET' ? new StaleConnection() : error);
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'ETIMEDOUT' ? error : new BrokenOff());
      });
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const isZipped = response.headers['content-encoding'] === 'gzip';
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: (isZipped ? gunzipSync(bytes) : bytes).toString('utf8'),
        });
      });
    });
    request.end();
  });
}

/** RFC 9110, 9.3.6. */
async function tunnel(proxy: URL, target: URL): Promise<TLSSocket> {
  const authority = `${target.hostname}:${target.port || 443}`;
  return await new Promise((resolve, reject) => {
    const request = http.request({
      host: proxy.hostname,
      port: proxy.port || 80,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority },
    });
    request.on('error', reject);
    request.on('connect', (_response, socket) => {
      const secured = connectTls({ socket, servername: target.hostname, ...(ca ? { ca } : {}) }, () =>
        resolve(secured),
      );
      secured.on('error', reject);
    });
    request.end();
  });
}

const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

function inGoWords(error: NodeJS.ErrnoException, url: URL): string {
  const { code = '', message } = error;
  if (code === 'ECONNREFUSED') return `dial tcp ${url.hostname}:${url.port || 443}: connect: connection refused`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `dial tcp: lookup ${url.hostname} on ${getServers()[0] ?? '127.0.0.1'}:53: no such host`;
  }
  if (code === 'ETIMEDOUT') return 'net/http: request canceled (Client.Timeout exceeded while awaiting headers)';
  if (UNTRUSTED.has(code)) return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
  if (code === 'ECONNRESET') return 'EOF';
  return message;
}
