import type { ProofInput, ProofOutcome } from './activities.ts';
import type { ConnectionRef } from './connection.ts';
import type { Problem } from './problem.ts';

/** The one signal of the validation: the values are stored. It carries nothing. */
export const validationNames = { submitted: 'submitted' } as const;

/** A check of submitted values without connecting: `connection` is made up for it and never becomes a connection. */
export interface ValidationInput {
  readonly connection: ConnectionRef;
  /** The `ref` of `pending/{connection}/{ref}`, under which the values will be stored. */
  readonly pendingRef: string;
}

export type ValidationOutcome =
  | ProofOutcome
  /** The cloud could not be asked. */
  | { readonly outcome: 'unavailable'; readonly problem: Problem };

export interface ValidationActivities {
  /** Proves the submitted values as they are: prepares, stores and promotes nothing. "Not yet" is thrown. */
  checkSubmission(input: ProofInput): Promise<ProofOutcome>;
}
