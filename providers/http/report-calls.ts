import type { CallOutcome, CloudCall } from '../../contracts/attempts.ts';
import { plainText } from '../../contracts/plain-text.ts';
import { REDACTED, redactText } from '../../platform/redaction.ts';
import type { CallError } from './call-error.ts';
import type { CallWatch } from './call-watch.ts';
import { createRedactor, secretsOf } from './redact.ts';
import { saidIn, type Said } from './said.ts';

/** One word: whatever else stands in such a header is not shown. */
const REQUEST_ID = /^[\w.:+/=-]{1,200}$/;
const LONGEST = { code: 100, requestId: 200, message: 300 };

interface Begun {
  readonly url: string;
  readonly request: Parameters<typeof secretsOf>[0] & { readonly signal?: AbortSignal | undefined };
  /** By `performance.now()`. */
  readonly startedAt: number;
}

/** Reports an HTTP answer; `requestIdHeaders` as in `ProviderManifest`. */
export async function reportResponse(
  watch: CallWatch,
  { url, request, startedAt }: Begun,
  response: Response,
  requestIdHeaders: readonly string[],
): Promise<void> {
  const durationMs = performance.now() - startedAt;
  const { status, headers } = response;
  const requestId = requestIdHeaders.map((name) => headers.get(name) ?? '').find((id) => REQUEST_ID.test(id));
  const said = await saidBy(response);
  reportAnswer(watch, { host: hostOf(url), durationMs, status, requestId, said, secrets: secretsOf(request) });
}

/** Reports an HTTP request without an answer. */
export function reportCallError(watch: CallWatch, { url, request, startedAt }: Begun, error: CallError): void {
  const { failure } = error;
  reportUnanswered(watch, {
    host: hostOf(url),
    durationMs: performance.now() - startedAt,
    outcome: unansweredOutcome(error, request.signal),
    reason: failure.kind === 'no_answer' ? failure.reason : undefined,
  });
}

export interface CloudAnswer extends Pick<CloudCall, 'host' | 'durationMs'> {
  readonly status: number;
  readonly requestId: string | undefined;
  readonly said: Said;
  /** What was sent, in case the answer repeats it. */
  readonly secrets: readonly string[];
}

/** Reports a call that the cloud answered. */
export function reportAnswer(watch: CallWatch, answer: CloudAnswer): void {
  const { host, durationMs, status, requestId, said, secrets } = answer;
  const outcome = outcomeOf(status, said.code);
  const isGood = outcome === 'ok' || (outcome === 'refused' && watch.isRefusalGood === true);
  if (isGood && !watch.wantsGood) return;
  const redact = createRedactor(secrets);
  const shown = (text: string | undefined, longest: number): string | null =>
    text === undefined ? null : plainText(redactText(redact(text)), longest) || null;
  const call: CloudCall = {
    operation: watch.operation,
    host,
    outcome: isGood ? 'ok' : outcome,
    status,
    cloudCode: shown(said.code, LONGEST.code),
    cloudRequestId: shown(requestId, LONGEST.requestId),
    message: shown(said.message === undefined ? undefined : withoutOpaque(said.message), LONGEST.message),
    durationMs: Math.round(durationMs),
  };
  watch.report(call, watch.step);
}

/**
 * A credential that was not sent with this request is told by its form alone: it is longer than words are, or it mixes
 * cases and digits. Names in paths stay, such as that of a role, and so do UUIDs: support asks for them.
 */
const OPAQUE = [
  /[\w+=~-]{40,}/g,
  /(?<![\w+=~-])(?=[\w+=~-]*[a-z])(?=[\w+=~-]*[A-Z])[\w+=~-]{36,}/g,
  /(?<![\w/+=~-])(?=[\w+=~-]*[a-z])(?=[\w+=~-]*[A-Z])(?=[\w+=~-]*\d)[\w+=~-]{20,}/g,
];

const withoutOpaque = (text: string): string =>
  OPAQUE.reduce((clean, pattern) => clean.replaceAll(pattern, REDACTED), text);

const THROTTLED = /throttl|too_?many_?requests|rate_?limit|request_?limit|slow_?down|resource_?exhausted/i;
/** RFC 6749, 4.1.2.1: errors of the server's own, which may come with any status. */
const OUT_OF_ORDER = /^(server_error|temporarily_unavailable)\b/;

function outcomeOf(status: number, code = ''): CallOutcome {
  if (status >= 200 && status < 300) return 'ok';
  if (status === 429 || THROTTLED.test(code)) return 'throttled';
  return status >= 500 || OUT_OF_ORDER.test(code) ? 'unavailable' : 'refused';
}

/** Of a success only the headers are looked at: its body may be a credential. */
async function saidBy(response: Response): Promise<Said> {
  if (response.ok) return { code: undefined, message: undefined };
  const said = saidIn(await response.clone().text());
  // AWS's REST services name their error in a header alone.
  return { ...said, code: said.code ?? response.headers.get('x-amzn-errortype')?.split(':')[0] };
}

export interface NoAnswer extends Pick<CloudCall, 'host' | 'durationMs' | 'outcome'> {
  /** For people: `ECONNREFUSED`, "no answer within 6 s". */
  readonly reason: string | undefined;
}

/** Reports a call that the cloud did not answer. */
export function reportUnanswered(watch: CallWatch, { host, durationMs, outcome, reason }: NoAnswer): void {
  const call: CloudCall = {
    operation: watch.operation,
    host,
    outcome,
    status: null,
    cloudCode: null,
    cloudRequestId: null,
    message: reason === undefined ? null : plainText(redactText(reason), LONGEST.message),
    durationMs: Math.round(durationMs),
  };
  watch.report(call, watch.step);
}

function unansweredOutcome({ failure, cause }: CallError, signal: AbortSignal | undefined): CallOutcome {
  if (failure.kind !== 'no_answer' || failure.delivery === 'not_sent') return 'not_sent';
  if (isTimeout(cause) || isTimeout(signal?.reason)) return 'timed_out';
  return signal?.aborted ? 'aborted' : 'unavailable';
}

/** As the platform's deadlines, and those of `AbortSignal.timeout`, end what they limit. */
const isTimeout = (reason: unknown): boolean => reason instanceof DOMException && reason.name === 'TimeoutError';

const hostOf = (url: string): string | null => URL.parse(url)?.host ?? null;
