import { setTimeout as sleepFor } from 'node:timers/promises';
import createOpenApiClient from 'openapi-fetch';
import type { Call, Paginate } from './call.ts';
import { clientCodes, errorOf, MooringError } from './error.ts';
import { readEvents, type EventsOptions, type MooringEvent } from './events.ts';
import type { paths } from './generated/openapi.ts';
import { withIdempotencyKey } from './idempotency.ts';
import { retryingFetch, type RetryOptions } from './retry.ts';
import { waitForStatus, type Connection, type ConnectionStatus, type WaitOptions } from './wait.ts';

export interface MooringClientOptions {
  /** Of the installation, e.g. `https://mooring.example.com`. */
  readonly url: string;
  /** `mrg_…`; left out: only what needs no key. */
  readonly apiKey?: string;
  readonly retry?: RetryOptions;
  /** Sent as `user-agent`. */
  readonly userAgent?: string;
  /** Default: Node's own. */
  readonly fetch?: (request: Request, init: { readonly signal: AbortSignal }) => Promise<Response>;
  /** An event stream that is silent for longer is opened again. Default: 45 s. */
  readonly silentForMs?: number;
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface MooringClient {
  readonly get: Call<'get'>;
  readonly post: Call<'post'>;
  readonly patch: Call<'patch'>;
  readonly delete: Call<'delete'>;
  readonly paginate: Paginate;
  /** Any request, with its answer as it is: for downloads, and for paths that this version does not know. */
  request(method: string, path: string, options?: RequestOptions): Promise<Response>;
  /** The tenant's events as they happen; resumed by itself. */
  events(options?: EventsOptions): AsyncGenerator<MooringEvent, void>;
  /** Resolves when the connection has one of the statuses. */
  waitFor(
    id: string,
    status: ConnectionStatus | readonly ConnectionStatus[],
    options?: WaitOptions,
  ): Promise<Connection>;
}

const NEVER = new AbortController().signal;

/**
 * A client of one installation of Mooring. Its calls repeat what is safe to repeat, for as long as the API asks to wait,
 * and send an Idempotency-Key where the operation takes one. They reject with `MooringError`.
 */
export function createMooringClient({
  url,
  apiKey,
  retry,
  userAgent = 'mooring-client',
  fetch: plainFetch = globalThis.fetch,
  silentForMs = 45_000,
}: MooringClientOptions): MooringClient {
  const base = baseOf(url);
  const sleep = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    await sleepFor(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
  };
  const repeat = retryingFetch({ fetch: plainFetch, sleep, random: Math.random }, retry);

  async function send(asked: Request): Promise<Response> {
    // The key goes to this installation alone, so no redirect is followed.
    const own = new Request(asked, { redirect: 'manual' });
    if (apiKey !== undefined) own.headers.set('authorization', `Bearer ${apiKey}`);
    own.headers.set('user-agent', userAgent);
    const path = new URL(own.url).pathname.slice(new URL(base).pathname.replace(/\/$/, '').length);
    const response = await repeat(withIdempotencyKey(own, path, () => crypto.randomUUID()));
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  const api = createOpenApiClient<paths>({ baseUrl: base, fetch: send });
  const answered =
    (call: (path: never, init: never) => Promise<{ readonly data?: unknown }>) =>
    async (path: string, init?: object): Promise<unknown> =>
      (await call(path as never, init as never)).data;
  const get = answered(api.GET);

  async function request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const { query = {}, headers = {}, body, signal = NEVER } = options;
    const target = new URL(`${base}${path}`);
    // A path such as `//elsewhere` or `@elsewhere` must not lead away: the key goes along.
    if (target.origin !== new URL(base).origin) throw new TypeError(`The path "${path}" leads to another address.`);
    for (const [name, value] of Object.entries(query)) {
      for (const each of [value].flat()) if (each !== undefined) target.searchParams.append(name, String(each));
    }
    return await send(
      new Request(target, {
        method,
        signal,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
  }

  async function* paginate(path: string, init: { readonly params?: { readonly query?: object } } = {}) {
    let cursor: string | null | undefined;
    do {
      const query = { ...init.params?.query, ...(cursor && { cursor }) };
      const page = (await get(path, { ...init, params: { ...init.params, query } })) as {
        readonly items: readonly unknown[];
        readonly nextCursor: string | null;
      };
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor);
  }

  return {
    get: get as Call<'get'>,
    post: answered(api.POST) as Call<'post'>,
    patch: answered(api.PATCH) as Call<'patch'>,
    delete: answered(api.DELETE) as Call<'delete'>,
    paginate: paginate as Paginate,
    request,
    events(options) {
      const open = async (
        query: Readonly<Record<string, string>>,
        headers: Readonly<Record<string, string>>,
        signal: AbortSignal,
      ) => await request('GET', '/v1/events', { query, headers: { ...headers, accept: 'text/event-stream' }, signal });
      return readEvents({ open, sleep, silentForMs }, options);
    },
    async waitFor(id, status, options) {
      const read = async (wanted: string, signal: AbortSignal): Promise<Connection> =>
        (await get('/v1/connections/{id}', { params: { path: { id: wanted } }, signal })) as Connection;
      return await waitForStatus({ read, sleep, now: Date.now }, id, [status].flat(), options);
    },
  };
}

/** Without a slash at its end. Throws `MooringError` where the text is no URL of a server. */
function baseOf(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '') {
    return url.href.replace(/\/$/, '');
  }
  throw new MooringError({
    code: clientCodes.unreachable,
    message: 'The URL of the installation is not one of a server.',
    remedy: 'Give it as in https://mooring.example.com, without a user name and without a query.',
  });
}
