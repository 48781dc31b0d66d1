import type { SecretStore } from '../../../stores/secrets/port.ts';
import type { TestStack } from './test-stack.ts';

/** A running stack whose worker's secret store can be put into trouble; everybody else reaches it as ever. */
export interface TroubledStore {
  readonly stack: TestStack;
  /** The same store, seen from beside the trouble. */
  readonly secrets: SecretStore;
  /** Starts the trouble; answers how to end it. */
  trouble(kind: string): () => void;
  close(): Promise<void>;
}
