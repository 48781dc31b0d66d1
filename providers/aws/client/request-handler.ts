import { Readable } from 'node:stream';

import type { Http } from '../../http/http.ts';

/**
 * The SDK's requests by our own HTTP client, which has deadlines, knows whether a request was sent, and goes through the
 * configured proxy. Its deadlines end a call; those of the SDK's own handler only write a warning unless they are told
 * to do more.
 */
export const sdkRequestHandler = (http: Http) => ({
  async handle(request: SdkRequest, { abortSignal }: { readonly abortSignal?: unknown } = {}) {
    const { protocol, hostname, port, path, query, method } = request;
    // Both follow from the URL and the body; they are signed as they will be sent.
    const { host: _host, 'content-length': _length, ...headers } = request.headers;
    const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
    const response = await http(`${origin}${path}${queryOf(query)}`, {
      method,
      headers,
      ...(request.body !== undefined && { body: textOf(request.body) }),
      ...(abortSignal instanceof AbortSignal && { signal: abortSignal }),
    });
    const body = Readable.from([Buffer.from(await response.arrayBuffer())]);
    return { response: { statusCode: response.status, headers: Object.fromEntries(response.headers), body } };
  },
});

/** What the SDK gives to its request handler. */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>> | undefined;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

/** The calls that are made here have forms, JSON or nothing to send. */
const textOf = (body: string | Uint8Array): string =>
  typeof body === 'string' ? body : new TextDecoder().decode(body);

/** As it was signed: everything but RFC 3986's unreserved characters is escaped. */
function queryOf(query: SdkRequest['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${escape(name)}=${escape(value ?? '')}`),
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

const escape = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
