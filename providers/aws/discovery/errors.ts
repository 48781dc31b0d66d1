import { plainText } from '../../../contracts/plain-text.ts';
import type { Problem, ProblemClass } from '../../../contracts/problem.ts';
import { isUnavailable, type CallFailure } from '../../http/call-error.ts';
import type { ListFailure } from '../../listing/lister.ts';
import { sessionNotUsable } from '../problems.ts';
import { LONGEST_QUOTE, type AskedFor } from './problems.ts';
import * as problem from './problems.ts';

/** What an error says beyond its own call. */
export type Sign =
  /** The session has ended, or is not known: with a new one the call may work. */
  | 'session_ended'
  | 'throttled'
  /** The session is not known in this region: the account has not enabled it. */
  | 'region_disabled'
  | 'denied_by_organisation'
  /** What was asked about is gone, e.g. since it was listed. */
  | 'not_found'
  | 'not_connected'
  | 'not_answered'
  | null;

export interface Verdict {
  readonly sign: Sign;
  readonly failure: ListFailure;
}

export interface Situation extends AskedFor {
  /** The regions whose services know every valid session of the account: those that no account can disable. */
  readonly knowsEverySession: boolean;
  /** The variable that sets the endpoint. */
  readonly variable: string;
  /** What was sent: AWS repeats it in some errors. */
  readonly sent: readonly string[];
}

/** A service's answer in our vocabulary. Each protocol has names of its own for the same error. */
export function verdictOf(failure: CallFailure, asked: Situation): Verdict {
  switch (failure.kind) {
    case 'no_answer':
      return failure.delivery === 'not_sent'
        ? verdict('not_connected', 'transient', problem.regionUnreachable(asked, failure.reason))
        : verdict('not_answered', 'transient', problem.notAnswered(asked, failure.reason));
    case 'insecure_url':
      return verdict(null, 'config', problem.insecureEndpoint(failure.url, asked.variable));
    case 'status':
      return ofStatus(failure, asked);
    case 'oauth':
    case 'no_access_token':
      return verdict(null, 'transient', problem.unexpectedAnswer(asked, failure.kind));
  }
}

const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|BandwidthLimitExceeded/;
const DENIED: readonly string[] = ['UnauthorizedOperation', 'AccessDenied', 'Unauthorized', 'AuthorizationError'];
const ENDED: readonly string[] = ['ExpiredToken', 'RequestExpired', 'TokenRefreshRequired'];
const UNKNOWN: readonly string[] = [
  'InvalidClientTokenId',
  'UnrecognizedClient',
  'AuthFailure',
  'InvalidAccessKeyId',
  'InvalidToken',
  'OptInRequired',
];
const SKEWED: readonly string[] = ['RequestTimeTooSkewed', 'RequestInTheFuture'];
const BAD_SIGNATURE: readonly string[] = ['SignatureDoesNotMatch', 'InvalidSignature'];

function ofStatus(failure: Extract<CallFailure, { kind: 'status' }>, asked: Situation): Verdict {
  const { status, retryAfterSeconds } = failure;
  const { name, said } = words(failure, asked.sent);
  // Some services end the name with `Exception` and some do not.
  const code = name.replace(/Exception$/, '');
  if (status === 429 || THROTTLED.test(name)) {
    const limited = problem.rateLimited(asked, name || `HTTP ${status}`);
    return verdict('throttled', 'transient', limited, { retryAfterSeconds });
  }
  if (isUnavailable(failure)) {
    return verdict(null, 'transient', problem.unavailable(asked, status), { retryAfterSeconds });
  }
  if (DENIED.includes(code) || /is not authorized to perform/i.test(said)) return denied(asked, said);
  if (ENDED.includes(code)) return verdict('session_ended', 'transient', sessionNotUsable(name));
  if (UNKNOWN.includes(code)) {
    return asked.knowsEverySession
      ? verdict('session_ended', 'transient', sessionNotUsable(name))
      : verdict('region_disabled', 'user', problem.regionDisabled(asked, name));
  }
  if (status === 404 || code === 'ResourceNotFound') {
    return verdict('not_found', 'transient', problem.unexpectedAnswer(asked, `HTTP ${status}, ${name}`));
  }
  const isLate = BAD_SIGNATURE.includes(code) && /signature (expired|not yet current)/i.test(said);
  if (isLate || SKEWED.includes(code)) return verdict(null, 'config', problem.clockSkew);
  const what = [`HTTP ${status}`, name, said].filter((part) => part !== '').join(', ');
  return verdict(null, 'transient', problem.unexpectedAnswer(asked, plainText(what, LONGEST_QUOTE)));
}

function denied(asked: Situation, said: string): Verdict {
  // EC2 says it without the action where it says anything else at all.
  const action = /not authorized to perform: ([\w-]+:\w+)/i.exec(said)?.[1] ?? null;
  const named = { ...asked, action: action ?? asked.action };
  return /service control policy/i.test(said)
    ? verdict('denied_by_organisation', 'user', problem.regionDeniedByPolicy(named, said), { denied: { action } })
    : verdict(null, 'user', problem.listDenied(named, said), { denied: { action } });
}

const verdict = (
  sign: Sign,
  problemClass: ProblemClass,
  told: Problem,
  more: Partial<Pick<ListFailure, 'retryAfterSeconds' | 'denied'>> = {},
): Verdict => ({
  sign,
  failure: { class: problemClass, problem: told, retryAfterSeconds: null, denied: null, ...more },
});

/** What is read of a sentence; less of it is quoted. */
const LONGEST_READ = 4_000;

function words({ body }: Extract<CallFailure, { kind: 'status' }>, sent: readonly string[]) {
  const { code, message } = body ?? {};
  return {
    name: typeof code === 'string' && /^[\w.]{1,80}$/.test(code) ? code : '',
    said: typeof message === 'string' ? plainText(quotable(message, sent), LONGEST_READ) : '',
  };
}

/** Without what was sent, and without EC2's encoded message, which only the account itself can decode. */
function quotable(message: string, sent: readonly string[]): string {
  const known = sent.reduce((text, value) => (value === '' ? text : text.replaceAll(value, '[redacted]')), message);
  return known
    .replaceAll(/\b(Signature=)?[0-9a-f]{64}\b/g, '[redacted]')
    .replaceAll(/ ?Encoded authorization failure message: \S+/g, '');
}
