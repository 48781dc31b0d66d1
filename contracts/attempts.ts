/** What a cloud was called for, of a connection. */
export const attemptSteps = ['exchange', 'proof', 'renewal', 'verify', 'revoke', 'discovery'] as const;
export type AttemptStep = (typeof attemptSteps)[number];

/**
 * How a call ended. `refused`: the cloud answered that it does not do it. `unavailable`: it answered that it cannot, or
 * the connection broke off. `not_sent`: the request surely did not reach the cloud. `aborted`: Mooring gave it up.
 */
export const callOutcomes = ['ok', 'refused', 'throttled', 'unavailable', 'timed_out', 'not_sent', 'aborted'] as const;
export type CallOutcome = (typeof callOutcomes)[number];

/** One call to a cloud: nothing of what was sent, and of the answer only what the cloud's support asks for. */
export interface CloudCall {
  /** A word of Mooring's, e.g. `token.refresh`. */
  readonly operation: string;
  /** Null where a program made the call and did not say. */
  readonly host: string | null;
  readonly outcome: CallOutcome;
  /** Of the HTTP answer; null = there was none. */
  readonly status: number | null;
  /** The cloud's own name of its error, e.g. `AccessDenied`. */
  readonly cloudCode: string | null;
  /** What the cloud itself names the call by; its support finds the call by it. */
  readonly cloudRequestId: string | null;
  /** The cloud's own words, redacted; where it did not answer, why not. */
  readonly message: string | null;
  readonly durationMs: number;
}

export interface Attempt extends CloudCall {
  /** When the call began (ISO 8601). */
  readonly at: string;
  readonly step: AttemptStep;
  /** Temporal's count of the tries of this piece of work, from 1. */
  readonly attempt: number;
}
