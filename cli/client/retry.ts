import { unreachable, type MooringError } from './error.ts';

export interface RetryOptions {
  /** How often a request is sent at most. Default: 4. */
  readonly attempts?: number;
  /** A longer wait than this is not waited for: the caller gets the error. Default: 60 s. */
  readonly longestWaitMs?: number;
  /** The wait after the first failure where the answer names none; it doubles each time. Default: 0.5 s. */
  readonly firstWaitMs?: number;
  /** How long one attempt waits for the head of its answer. Default: 60 s. */
  readonly answerWithinMs?: number;
}

export interface RetryDependencies {
  readonly fetch: (request: Request, init: { readonly signal: AbortSignal }) => Promise<Response>;
  /** Rejects when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1, without 1. */
  readonly random: () => number;
}

/** Seconds of the wait that an answer asks for (RFC 9110, 10.2.3); undefined where it asks for none. */
export function retryAfterSeconds(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  if (/^\d+$/.test(text.trim())) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - nowMs) / 1000);
}

/** Why a request is sent again; `unanswered`: it may have been served. */
type Failure = { readonly unanswered: true } | { readonly status: number };

/**
 * Whether the same request may be sent again. Pure. What may have been served is repeated only where a repeat changes
 * nothing: a method that is idempotent (RFC 9110, 9.2.2), or a request with an Idempotency-Key. 429 says that it was
 * not served.
 */
export function mayRepeat(request: Pick<Request, 'method' | 'headers'>, failure: Failure): boolean {
  if ('status' in failure && failure.status === 429) return true;
  if ('status' in failure && ![502, 503, 504].includes(failure.status)) return false;
  return ['GET', 'HEAD', 'PUT', 'DELETE'].includes(request.method) || request.headers.has('idempotency-key');
}

/** A `fetch` that repeats what is safe to repeat. Rejects with `MooringError`, or with the reason of the request's signal. */
export function retryingFetch(
  { fetch, sleep, random }: RetryDependencies,
  { attempts = 4, longestWaitMs = 60_000, firstWaitMs = 500, answerWithinMs = 60_000 }: RetryOptions = {},
): (request: Request) => Promise<Response> {
  /** Milliseconds; undefined = it is not tried again. */
  function waitFor(request: Request, failure: Failure, attempt: number, asked?: number): number | undefined {
    if (attempt >= attempts || !mayRepeat(request, failure)) return undefined;
    const waitMs = asked === undefined ? firstWaitMs * 2 ** (attempt - 1) * (0.5 + random() / 2) : asked * 1000;
    return waitMs > longestWaitMs ? undefined : waitMs;
  }

  async function once(request: Request): Promise<Response> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`no answer within ${answerWithinMs} ms`)), answerWithinMs);
    try {
      return await fetch(request.clone(), { signal: AbortSignal.any([request.signal, late.signal]) });
    } finally {
      clearTimeout(timer);
    }
  }

  return async (request) => {
    for (let attempt = 1; ; attempt += 1) {
      let response: Response | undefined;
      let error: MooringError | undefined;
      try {
        response = await once(request);
      } catch (cause) {
        request.signal.throwIfAborted();
        error = unreachable(request.url, cause);
      }
      if (response?.ok) return response;
      const failure: Failure = response ? { status: response.status } : { unanswered: true };
      const asked = response && retryAfterSeconds(response.headers, Date.now());
      const waitMs = waitFor(request, failure, attempt, asked);
      if (waitMs === undefined) {
        if (error) throw error;
        return response as Response;
      }
      await response?.body?.cancel();
      await sleep(waitMs, request.signal);
    }
  };
}
