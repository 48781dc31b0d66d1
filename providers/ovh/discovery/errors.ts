import { Value } from 'typebox/value';

import { plainText } from '../../../contracts/plain-text.ts';
import { CallError, type CallFailure } from '../../http/call-error.ts';
import { classify, type Classifier, type Verdict } from '../../http/classify.ts';
import type { DeniedRight, ListFailure, Loss } from '../../listing/lister.ts';
import type { RegionManifest } from '../../manifests/types.ts';
import { ProviderError } from '../../provider.ts';
import { ovhClassifier } from '../errors.ts';
import { credentialRejected, queryOutOfTime } from '../problems.ts';
import { ApiErrorSchema } from '../schema.ts';
import { kindOf, type OvhKindId } from './kinds.ts';
import * as problem from './problems.ts';

/** One call of a list: what it was for, and its path below the endpoint. */
export interface ListCall {
  readonly kind: OvhKindId;
  readonly path: string;
  readonly region: RegionManifest;
}

/** A `ProviderError` that also says which right is missing. */
class DeniedError extends ProviderError {
  readonly denied: DeniedRight;

  constructor(error: ProviderError, denied: DeniedRight) {
    super(error);
    this.denied = denied;
  }
}

/** The API's answer to one call of a list, whether the program asked or we did. */
export function listingError(error: unknown, call: ListCall): ProviderError {
  const classified = classify(error, listingClassifier(call));
  if (classified instanceof DeniedError || classified.problem.code !== problem.LIST_DENIED) return classified;
  const failure = error instanceof CallError ? error.failure : undefined;
  const { actions } = saidIn(failure);
  return new DeniedError(classified, { action: actions || routeOf(call) });
}

export const failureError = (failure: CallFailure, call: ListCall): ProviderError =>
  listingError(new CallError(failure), call);

export const failureOf = (error: ProviderError): ListFailure => ({
  class: error.class,
  problem: error.problem,
  retryAfterSeconds: error.retryAfterSeconds,
  denied: error instanceof DeniedError ? error.denied : null,
});

export const lossOf = (path: string, error: ProviderError): Loss => ({ path, ...failureOf(error) });

export const isDenied = (error: ProviderError): boolean => error instanceof DeniedError;
export const isRateLimited = ({ problem: { code } }: Pick<ListFailure, 'problem'>): boolean =>
  code === 'cloud_rate_limited';
export const isNotFound = ({ problem: { code } }: Pick<ListFailure, 'problem'>): boolean =>
  code === problem.RESOURCE_NOT_FOUND;

export const rowUnreadable = (path: string): Loss => ({
  path,
  class: 'config',
  problem: problem.rowUnreadable(path),
  retryAfterSeconds: null,
  denied: null,
});

export const regionUnavailable = (path: string, region: string, status: string): Loss => ({
  path,
  class: 'transient',
  problem: problem.regionUnavailable(region, status),
  retryAfterSeconds: null,
  denied: null,
});

export const pagesWithoutEnd = (path: string): Loss => ({
  path,
  class: 'transient',
  problem: problem.pagesWithoutEnd(path),
  retryAfterSeconds: null,
  denied: null,
});

type StatusFailure = Extract<CallFailure, { kind: 'status' }>;

function listingClassifier(call: ListCall): Classifier {
  const general = ovhClassifier({ operation: 'prove', region: call.region });
  return {
    ...general,
    judge: (failure) => {
      if (failure.kind === 'oauth') return clientRefused(failure.error, failure.description);
      return (failure.kind === 'status' ? judgeStatus(failure, call) : undefined) ?? general.judge(failure);
    },
  };
}

/** Only what the API says of the credential itself is `revoked`: any other refusal is about this one call. */
const ABOUT_CREDENTIAL = /credential (is not valid|does not exist)|application key is invalid/i;
const CREDENTIAL_CODES: ReadonlySet<string> = new Set(['INVALID_CREDENTIAL', 'NOT_CREDENTIAL', 'INVALID_KEY']);
const SIGNATURE_REFUSED = /^invalid signature$/i;
const OUT_OF_TIME = /query out of time/i;
/** The gateway's words for a path that it does not know: it is the configured address that is wrong. */
const NO_SUCH_ROUTE = /invalid \(or empty\) url/i;
/** "Conflict", "locked" and "too early" pass by themselves. */
const PASSING: ReadonlySet<number> = new Set([409, 423, 425]);

function judgeStatus(failure: StatusFailure, call: ListCall): Verdict | undefined {
  const { status } = failure;
  const { said, errorCode, actions } = saidIn(failure);
  const asked = `GET ${call.path}`;
  if (status < 300) return { class: 'transient', problem: problem.answerUnexpected(asked, status) };
  if (status < 400) return { class: 'transient', problem: problem.redirected(asked, status, call.region) };
  if (SIGNATURE_REFUSED.test(said) || errorCode === 'INVALID_SIGNATURE') {
    return { class: 'user', problem: problem.signatureRefused(said) };
  }
  if (OUT_OF_TIME.test(said) || errorCode === 'QUERY_TIME_OUT') {
    return { class: 'transient', problem: queryOutOfTime(said) };
  }
  if (status === 401 || ABOUT_CREDENTIAL.test(said) || CREDENTIAL_CODES.has(errorCode)) {
    return { class: 'revoked', problem: credentialRejected(said || `HTTP ${status}`) };
  }
  if (status === 403) {
    const missing = { asked, said: said || 'HTTP 403', actions, grant: kindOf(call.kind).grant };
    return { class: 'user', problem: problem.listDenied(missing) };
  }
  if (said === '') return undefined;
  if (status === 404) return NO_SUCH_ROUTE.test(said) ? undefined : { class: 'user', problem: problem.notFound(said) };
  return {
    class: PASSING.has(status) ? 'transient' : 'user',
    problem: problem.callRefused({ asked, said, status, passes: PASSING.has(status) }),
  };
}

const LONGEST_QUOTE = 300;

/** OVHcloud's own words, fit to be shown. A gateway that repeats the request's headers repeats its signature too. */
function saidIn(failure: CallFailure | undefined): { said: string; errorCode: string; actions: string } {
  const body = failure?.kind === 'status' ? failure.body : null;
  const { message = '', errorCode = '', details = {} } = Value.Check(ApiErrorSchema, body) ? body : {};
  const { unauthorizedActionsByIAM, unauthorizedActionsByAuthentication } = details;
  const actions = [unauthorizedActionsByIAM, unauthorizedActionsByAuthentication].filter(Boolean).join(', ');
  const unsigned = message.replaceAll(/\$1\$[0-9a-f]{40}/g, '[redacted]');
  return { said: plainText(unsigned, LONGEST_QUOTE), errorCode, actions: plainText(actions, LONGEST_QUOTE) };
}

/** The access rule that covers the call, as the manifest has it. */
function routeOf({ kind, path }: ListCall): string {
  const asked = `GET ${path}`;
  return kindOf(kind).needs.find((rule) => covers(rule, asked)) ?? asked;
}

function covers(rule: string, asked: string): boolean {
  const parts = rule.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(asked);
}

const clientRefused = (error: string, description: string | null): Verdict => ({
  class: 'user',
  problem: problem.clientRefused(error, description),
});
