import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';

import { startDeadline } from '../../platform/deadline.ts';
import { isConnectFailure } from '../../platform/network-errors.ts';
import type { Delivery } from '../provider.ts';
import { CallError } from './call-error.ts';
import { currentWatch } from './call-watch.ts';
import { createRedactor, secretsOf } from './redact.ts';
import { reportCallError, reportResponse } from './report-calls.ts';

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams | string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One request, its whole answer, nothing retried or redirected. Throws {@link CallError} and nothing else. */
export type Http = (url: string, request: HttpRequest) => Promise<Response>;

/** Of one call to a cloud. The deadlines of activities and of the refresh protocol are derived from it. */
export const CALL_DEADLINE_MS = 6_000;
const NULL_BODY_STATUSES: readonly number[] = [101, 204, 205, 304];

export interface HttpOptions {
  readonly fetch: typeof fetch;
  readonly deadlineMs?: number;
  /** How long connecting may take; left out: as long as the call. For places that may be cut off, such as a region. */
  readonly connectDeadlineMs?: number;
  /** For lists, which spend nothing and may be asked for again: the next page comes over the same connection. */
  readonly keepsConnections?: boolean;
  /**
   * Where secrets of a request are taken out of its answer. `everything`: where no answer is a credential, e.g. of lists.
   * Default: refusals, because a token endpoint answers with the refresh token that it was sent.
   */
  readonly redacts?: 'refusals' | 'everything';
  /** As the manifest has them. */
  readonly requestIdHeaders?: readonly string[];
}

/** Every request from a provider to its cloud goes through this. Whatever watches the work hears of it. */
export function createHttp(options: HttpOptions): Http {
  const send = createUnwatchedHttp(options);
  const { requestIdHeaders = [] } = options;
  return async (url, request) => {
    const watch = currentWatch();
    if (!watch) return await send(url, request);
    const begun = { url, request, startedAt: performance.now() };
    try {
      const response = await send(url, request);
      if (!response.ok || watch.wantsGood) await reportResponse(watch, begun, response, requestIdHeaders);
      return response;
    } catch (error) {
      if (error instanceof CallError) reportCallError(watch, begun, error);
      throw error;
    }
  };
}

function createUnwatchedHttp(options: HttpOptions): Http {
  const { fetch, deadlineMs = CALL_DEADLINE_MS, connectDeadlineMs, keepsConnections = false } = options;
  const { redacts = 'refusals' } = options;
  return async (url, { method, headers, body, signal }) => {
    if (!isSafe(url)) throw new CallError({ kind: 'insecure_url', url: withoutQuery(url) });
    const deadline = startDeadline(deadlineMs);
    const connecting = new AbortController();
    const request: RequestInit = {
      method,
      // A cloud may close a kept-alive connection just as the next request is sent on it; whether a token was spent is then
      // not known. A new connection for each request fails before anything is sent.
      headers: { ...headers, ...(!keepsConnections && { connection: 'close' }) },
      redirect: 'manual',
      signal: AbortSignal.any([deadline.signal, connecting.signal, ...(signal ? [signal] : [])]),
      ...(body !== undefined && { body }),
    };
    const { result, sendState } = watchSending(() => readWhole(fetch(url, request)));
    const endIfWaiting = (): void => {
      if (sendState() === 'waiting') connecting.abort();
    };
    const timer = connectDeadlineMs === undefined ? undefined : setTimeout(endIfWaiting, connectDeadlineMs);
    try {
      const response = await result;
      return response.ok && redacts === 'refusals' ? response : await withoutSent(response, { headers, body });
    } catch (error) {
      const reason = connecting.signal.aborted
        ? `no connection within ${(connectDeadlineMs ?? 0) / 1000} s`
        : deadline.signal.aborted
          ? `no answer within ${deadlineMs / 1000} s`
          : signal?.aborted
            ? 'the call was cancelled'
            : networkCode(error);
      throw new CallError({ kind: 'no_answer', delivery: deliveryOf(sendState(), error), reason }, { cause: error });
    } finally {
      deadline.cancel();
      clearTimeout(timer);
    }
  };
}

/** `http:` is for this machine only: every request carries credentials. */
const isSafe = (url: string): boolean => URL.parse(url)?.protocol === 'https:' || isLoopbackHttp(url);

export function isLoopbackHttp(url: string): boolean {
  const { protocol, hostname = '' } = URL.parse(url) ?? {};
  return protocol === 'http:' && (/^127(\.\d{1,3}){3}$/.test(hostname) || ['localhost', '[::1]'].includes(hostname));
}

/** The deadline covers the body too: an answer that breaks off is no answer. */
async function readWhole(pending: Promise<Response>): Promise<Response> {
  const response = await pending;
  const bytes = await boundedBody(response);
  const { status, statusText, headers } = response;
  return new Response(NULL_BODY_STATUSES.includes(status) ? null : bytes, { status, statusText, headers });
}

/** A proxy or an error page may repeat the request with its credentials, and what clouds say is shown to people. */
async function withoutSent(response: Response, sent: Parameters<typeof secretsOf>[0]): Promise<Response> {
  const secrets = secretsOf(sent);
  if (secrets.length === 0) return response;
  const redact = createRedactor(secrets);
  const { status, statusText } = response;
  const headers = [...response.headers].map(([name, value]) => [name, redact(value)] as [string, string]);
  const bytes = await response.arrayBuffer();
  const text = Buffer.from(bytes).toString('utf8');
  const clean = redact(text);
  const body = NULL_BODY_STATUSES.includes(status) ? null : clean === text ? bytes : clean;
  return new Response(body, { status, statusText, headers });
}

/** The longest lists of clouds have a few megabytes. To parse an answer without end would stop the whole worker. */
const MOST_BYTES = 32 * 1024 * 1024;

async function boundedBody({ body }: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels what is still to come.
    if (size > MOST_BYTES)
      throw Object.assign(new Error('The answer is too large.'), { code: 'an answer of over 32 MiB' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function deliveryOf(state: SendState, error: unknown): Exclude<Delivery, 'answered'> {
  if (state === 'waiting') return 'not_sent';
  if (state === 'unseen' && isConnectFailure(networkCode(error))) return 'not_sent';
  return 'unknown';
}

function networkCode(error: unknown): string {
  const { code, cause, message } = error as { code?: unknown; cause?: unknown; message?: unknown };
  const refusal = typeof message === 'string' ? /^Proxy response \((\d{3})\)/.exec(message)?.[1] : undefined;
  if (refusal !== undefined) return `the proxy of HTTPS_PROXY refused the connection with ${refusal}`;
  if (typeof code === 'string') return code;
  return cause instanceof Object ? networkCode(cause) : 'network error';
}

const withoutQuery = (url: string): string => url.split('?', 1)[0] ?? '';

/** Whether a request's first byte has left this process. `unseen`: the fetch in use does not say. */
type SendState = 'unseen' | 'waiting' | 'left';

interface Watched {
  state: SendState;
}

const requests = new AsyncLocalStorage<Watched>();
const watchedOf = new WeakMap<object, Watched>();

// Node's fetch reports both steps (undici's diagnostics channels); between them it resolves, connects and does TLS.
subscribe('undici:request:create', (message) => {
  const { request } = message as { request: { readonly method?: string } };
  const watched = requests.getStore();
  // The tunnel of a proxy is not the request: if it is refused, nothing was sent.
  if (!watched || request.method === 'CONNECT') return;
  watched.state = 'waiting';
  watchedOf.set(request, watched);
});
subscribe('undici:client:sendHeaders', (message) => {
  const watched = watchedOf.get((message as { request: object }).request);
  if (watched) watched.state = 'left';
});

/**
 * Runs one fetch and can tell, at any time, whether its request has left. An error's code alone can't: a deadline
 * that passes while the connection is still being made looks like one that passes while waiting for the answer.
 */
function watchSending<T>(work: () => Promise<T>): { result: Promise<T>; sendState: () => SendState } {
  const watched: Watched = { state: 'unseen' };
  return { result: requests.run(watched, work), sendState: () => watched.state };
}
