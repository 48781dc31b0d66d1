import { problems, type Problem, type ProblemClass } from '../../contracts/problem.ts';
import { ProviderError, type Delivery } from '../provider.ts';
import { CallError, isUnavailable, type CallFailure } from './call-error.ts';

/** What a cloud's answer means: whose mistake it is, and what to do. */
export interface Verdict {
  readonly class: ProblemClass;
  readonly problem: Problem;
}

export interface Classifier {
  /** The cloud's name as people know it. */
  readonly cloud: string;
  /** Where people look whether it is down. */
  readonly statusPage: string;
  /** Given only what the cloud answered: a network error or an outage is never a verdict. */
  readonly judge: (failure: Exclude<CallFailure, { kind: 'no_answer' }>) => Verdict | undefined;
}

/** Does a piece of work at a cloud; whatever it throws becomes a {@link ProviderError}. */
export async function classified<T>(classifier: Classifier, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw classify(error, classifier);
  }
}

/** Turns whatever a call threw into the one error that a provider may throw. */
export function classify(error: unknown, classifier: Classifier): ProviderError {
  if (error instanceof ProviderError) return error;
  if (!(error instanceof CallError)) {
    return new ProviderError({ class: 'transient', delivery: 'unknown', problem: problems.internal, cause: error });
  }
  const { failure } = error;
  const { kind } = failure;
  if (kind === 'no_answer') {
    const problem = unreachable(classifier, failure.reason);
    return new ProviderError({ class: 'transient', delivery: failure.delivery, problem, cause: error });
  }
  const retryAfterSeconds = kind === 'status' ? failure.retryAfterSeconds : null;
  const verdict =
    (kind === 'status' && isUnavailable(failure) ? unavailable(classifier, failure.status) : undefined) ??
    classifier.judge(failure) ??
    unexpected(classifier, kind === 'status' ? `HTTP ${failure.status}` : kind);
  return new ProviderError({ ...verdict, delivery: deliveryOf(failure), retryAfterSeconds, cause: error });
}

/**
 * A gateway's 502 or 504, or a server that broke half-way, leaves open whether a token was spent. 429 and 503 say that
 * the request was not served, and a refusal that it was.
 */
function deliveryOf(failure: Exclude<CallFailure, { kind: 'no_answer' }>): Delivery {
  switch (failure.kind) {
    case 'insecure_url':
      return 'not_sent';
    case 'no_access_token':
      return 'unknown';
    case 'status':
      return failure.status === 503 || Math.floor(failure.status / 100) === 4 ? 'answered' : 'unknown';
    case 'oauth':
      return 'answered';
  }
}

const unreachable = ({ cloud }: Classifier, reason: string): Problem => ({
  code: 'cloud_unreachable',
  message: `${cloud} did not answer (${reason}).`,
  remedy: `Nothing to do: it is tried again by itself. If it persists, check that this machine reaches ${cloud}.`,
});

function unavailable({ cloud, statusPage }: Classifier, status: number): Verdict {
  const problem =
    status === 429
      ? {
          code: 'cloud_rate_limited',
          message: `${cloud} asks for fewer requests (HTTP 429).`,
          remedy: 'Nothing to do: it is tried again when the cloud allows it.',
        }
      : {
          code: 'cloud_unavailable',
          message: `${cloud} is not available at the moment (HTTP ${status}).`,
          remedy: `Nothing to do: it is tried again by itself. Outages are announced at ${statusPage}.`,
        };
  return { class: 'transient', problem };
}

function unexpected({ cloud, statusPage }: Classifier, what: string): Verdict {
  const problem = {
    code: 'cloud_answer_unexpected',
    message: `${cloud} answered something that is not of the protocol (${what}).`,
    remedy: `It is tried again by itself. If it persists, check the configured URLs and ${statusPage}.`,
  };
  return { class: 'transient', problem };
}
