import type { ClientSecretCredentialOptions } from '@azure/identity';

import { CallError } from '../http/call-error.ts';
import type { Http } from '../http/http.ts';

type HttpClient = NonNullable<ClientSecretCredentialOptions['httpClient']>;
type PipelineRequest = Parameters<HttpClient['sendRequest']>[0];
type PipelineResponse = Awaited<ReturnType<HttpClient['sendRequest']>>;

/** What came through, as it was: the library's own errors hold the request, and lose what the answer said. */
export interface TokenDoor {
  readonly httpClient: HttpClient;
  /** The authority as the library is to be given it. */
  readonly authority: string;
  /** The last answer, a token's or only the directory's metadata; undefined where there was none. */
  answer(): { readonly to: 'metadata' | 'token'; readonly response: Response } | undefined;
  /** Why there was no answer. */
  failure(): CallError | undefined;
}

/**
 * Lets @azure/identity out through our own door, with its deadline and its rules about a request that did not leave. The
 * library takes https authorities alone; for one of this machine in clear text, the scheme is put back here.
 */
export function createTokenDoor(deps: { http: Http; authority: string; signal: AbortSignal }): TokenDoor {
  const { http, authority, signal } = deps;
  const isClear = authority.startsWith('http:');
  const origin = URL.parse(authority)?.origin ?? '';
  let answer: ReturnType<TokenDoor['answer']>;
  let failure: CallError | undefined;

  const addressOf = (url: string) =>
    isClear && URL.parse(url)?.host === URL.parse(origin)?.host ? url.replace(/^https:/, 'http:') : url;

  async function send(request: PipelineRequest): Promise<Response> {
    try {
      return await http(addressOf(request.url), {
        method: request.method,
        headers: request.headers.toJSON(),
        body: typeof request.body === 'string' ? request.body : undefined,
        signal,
      });
    } catch (error) {
      if (error instanceof CallError) failure = error;
      throw error;
    }
  }

  return {
    authority: authority.replace(/^http:/, 'https:'),
    answer: () => answer,
    failure: () => failure,
    httpClient: {
      async sendRequest(request) {
        answer = undefined;
        const response = await send(request);
        answer = { to: request.method === 'POST' ? 'token' : 'metadata', response };
        const bodyAsText = await response.clone().text();
        return { request, status: response.status, headers: headersOf(response), bodyAsText };
      },
    },
  };
}

/** The library's interface over the platform's. */
function headersOf({ headers }: Response): PipelineResponse['headers'] {
  return {
    get: (name) => headers.get(name) ?? undefined,
    has: (name) => headers.has(name),
    set: (name, value) => headers.set(name, String(value)),
    delete: (name) => headers.delete(name),
    toJSON: () => Object.fromEntries(headers),
    [Symbol.iterator]: () => headers.entries()[Symbol.iterator](),
  };
}
