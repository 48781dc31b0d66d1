import type { Secret } from '../../platform/secret.ts';
import type { Delivery } from '../provider.ts';
import { parseRetryAfter } from './retry-after.ts';

/** What went wrong with one call to a cloud, before it is classified. Holds no secret in clear. */
export type CallFailure =
  /** No answer. `reason` is for people: `ECONNREFUSED`, "no answer within 6 s". */
  | { readonly kind: 'no_answer'; readonly delivery: Exclude<Delivery, 'answered'>; readonly reason: string }
  /** An answer of which only the status is understood, or one that is not of the protocol. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfterSeconds: number | null;
      /** The body of a refusal, where it was a JSON object. */
      readonly body: Readonly<Record<string, unknown>> | null;
    }
  /** An OAuth error reply (RFC 6749, 5.2). */
  | { readonly kind: 'oauth'; readonly error: string; readonly description: string | null }
  /** A token reply without an access token; what it had besides must not get lost. */
  | { readonly kind: 'no_access_token'; readonly refreshToken: Secret<string> | null }
  /** The URL is one that credentials must never be sent to. */
  | { readonly kind: 'insecure_url'; readonly url: string };

export class CallError extends Error {
  override readonly name = 'CallError';
  readonly failure: CallFailure;

  constructor(failure: CallFailure, options?: { cause?: unknown }) {
    super(`A call to the cloud failed: ${failure.kind}`, options);
    this.failure = failure;
  }
}

type StatusFailure = Extract<CallFailure, { kind: 'status' }>;

/** The cloud answers, but does not serve: this says nothing about the credential. */
export const isUnavailable = ({ status }: { readonly status: number }): boolean => status === 429 || status >= 500;

/** What an answer that is no success says: its status, when to come back, and its JSON body where it has one. */
export async function statusFailure(response: Response, nowMs: number): Promise<StatusFailure> {
  return {
    kind: 'status',
    status: response.status,
    retryAfterSeconds: parseRetryAfter(response.headers.get('retry-after'), nowMs),
    // A success that could not be read is not kept: it may hold tokens, and an error is shown to people.
    body: response.ok ? null : await jsonObject(response),
  };
}

async function jsonObject(response: Response): Promise<Readonly<Record<string, unknown>> | null> {
  if (response.bodyUsed) return null;
  try {
    const body: unknown = await response.json();
    return body instanceof Object && !Array.isArray(body) ? (body as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
