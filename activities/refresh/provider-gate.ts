import type { Problem } from '../../workflows/contracts/problem.ts';

/** The provider as a whole is not to be called now. */
export interface Held {
  readonly state: 'paused' | 'open';
  /** Unix milliseconds: when this caller should ask again. Spread, so that all who were held do not come at once. */
  readonly retryAtMs: number;
  readonly problem: Problem;
}

/** A breaker for each provider, shared by all workers, and the operator's pause. Neither function ever throws. */
export interface ProviderGate {
  /** Undefined = go ahead and call the cloud. */
  check(provider: string): Promise<Held | undefined>;
  /** What came of a call; `answered` also covers a refusal, which concerns one connection alone. */
  note(
    provider: string,
    result: 'answered' | 'unavailable' | 'misconfigured',
    problem: Problem | null,
    retryAfterSeconds: number | null,
  ): Promise<void>;
}
