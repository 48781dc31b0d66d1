import type { ProofInput, ProofOutcome } from './activities.ts';
import type { ConnectionRef } from './connection.ts';
import type { Problem } from './problem.ts';

/** The one signal of the validation: the values are stored. It carries nothing. */
export const validationNames = { submitted: 'submitted' } as const;

/** A look at submitted values that nothing comes of: `connection` is not a connection's, and never will be. */
export interface ValidationInput {
  readonly connection: ConnectionRef;
  /** What they will stand under, in `pending/{connection}/{ref}`. */
  readonly pendingRef: string;
}

export type ValidationOutcome =
  | ProofOutcome
  /** Nobody can say at present. */
  | { readonly outcome: 'unavailable'; readonly problem: Problem };

export interface ValidationActivities {
  /** Proves what was submitted as it stands: prepares, stores and promotes nothing. "Not yet" is thrown. */
  checkSubmission(input: ProofInput): Promise<ProofOutcome>;
}
