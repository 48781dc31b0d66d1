import type { Secret } from '../../platform/secret.ts';
import type { Delivery } from '../provider.ts';

/** What went wrong with one call to a cloud, before anybody has said whose fault it is. Holds no secret in clear. */
export type CallFailure =
  /** No answer. `reason` is for people: `ECONNREFUSED`, "no answer within 6 s". */
  | { readonly kind: 'no_answer'; readonly delivery: Exclude<Delivery, 'answered'>; readonly reason: string }
  /** An answer whose status speaks for itself, or one that is not of the protocol at all. */
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
