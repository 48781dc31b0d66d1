import { CallError, type CallFailure } from '../http/call-error.ts';
import { ProviderError } from '../provider.ts';

interface SdkError {
  /** AWS's error code, for an answer: `AccessDenied`. */
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** Nothing of a request has left when one of these is met. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Says what an error of the SDK means. It is dropped, not wrapped: it holds the signed request. `late` is given where
 * the call was ended from this side.
 */
export function toCallError(error: unknown, late: string | undefined): Error {
  if (error instanceof CallError || error instanceof ProviderError) return error;
  if (late !== undefined) return new CallError({ kind: 'no_answer', delivery: 'unknown', reason: late });
  return new CallError(failureOf(error as SdkError));
}

function failureOf({ name = '', message = '', code, $metadata, $response }: SdkError): CallFailure {
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    // Nobody was asked: to the classifier it looks like any other answer about our own credentials.
    return { kind: 'status', status: 400, retryAfterSeconds: null, body: { code: 'NoCredentials', message } };
  }
  const status = $metadata?.httpStatusCode;
  if (status === undefined) {
    const reason = typeof code === 'string' ? code : 'network error';
    return { kind: 'no_answer', delivery: NOT_SENT.has(reason) ? 'not_sent' : 'unknown', reason };
  }
  const seconds = Number($response?.headers?.['retry-after']);
  return {
    kind: 'status',
    status,
    retryAfterSeconds: Number.isInteger(seconds) ? seconds : null,
    body: status < 400 ? null : { code: name, message },
  };
}
