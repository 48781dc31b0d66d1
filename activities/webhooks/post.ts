import { request, type Dispatcher } from 'undici';
import { assertAllowed, createGuardedConnector, type GuardOptions } from '../../platform/guarded-connector.ts';
import type { Egress } from '../../platform/egress.ts';

/** Of one attempt, with the whole answer (Standard Webhooks 1.0.0 wants 15 to 30 s). */
export const ANSWER_WITHIN_SECONDS = 15;
const CONNECT_TIMEOUT_MS = 10_000;
/** What is kept of an answer. */
const ANSWER_BYTES = 4_096;

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Its beginning, as text. */
  readonly body: string;
}

/** One request to an address that a tenant has named; a redirect is an answer like any other. Rejects where none came. */
export type Post = (
  url: string,
  sent: { readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly signal: AbortSignal },
) => Promise<Answer>;

/** Through the egress of everything else. Behind a proxy, the address that the proxy connects to is not seen here. */
export function createPost(
  egress: Pick<Egress, 'dispatcher' | 'authorities'>,
  options: Pick<GuardOptions, 'rules' | 'lookup'>,
): Post {
  const guard = { ...options, authorities: egress.authorities, connectTimeoutMs: CONNECT_TIMEOUT_MS };
  const dispatcher = egress.dispatcher({ connect: createGuardedConnector(guard) });
  return async (url, { headers, body, signal }) => {
    await assertAllowed(guard, new URL(url).hostname);
    const answer = await request(url, {
      dispatcher,
      method: 'POST',
      headers,
      body,
      signal,
      // A connection of its own: one that was kept may be closed by the other side just now.
      reset: true,
    });
    const retryAfter = answer.headers['retry-after'];
    return {
      status: answer.statusCode,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      body: await beginningOf(answer.body),
    };
  };
}

/** The status counts, however the rest of the answer comes or does not. */
async function beginningOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= ANSWER_BYTES) break;
    }
  } catch {
    // What has come until then is kept.
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, ANSWER_BYTES));
}
