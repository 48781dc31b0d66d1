import type { KeyRing } from '../../../platform/key-ring.ts';
import type { JsonObject } from '../../../platform/json.ts';
import type { Gate } from '../../../stores/secrets/port.ts';
import type { RunningStack } from '../../support/customer.ts';

/** A piece of what a running Mooring leaves behind, and where it was found. */
export interface Trace {
  readonly place: string;
  readonly bytes: Buffer;
  /** Kinds of secret that are there by design. */
  readonly may?: readonly string[];
}

/** What the operator of the secret store sees; the processes of Mooring have less. */
export interface SecretsInspector {
  /** The newest version, or undefined where there is none. */
  read(gate: Gate, key: string): Promise<JsonObject | undefined>;
  /** Everything below a gate that belongs to the connection, in any version. */
  remains(connection: string): Promise<string[]>;
}

/** A running Mooring: API, worker, stores and simulated clouds, and what a test may look at from outside. */
export interface World {
  /** As a platform's backend and its customers reach it; the key has every scope. */
  readonly running: RunningStack & { readonly apiKey: string; readonly sandbox: string };
  readonly temporal: { readonly address: string; readonly namespace: string };
  /** Flags of Temporal's CLI that have payloads decoded by the API. */
  readonly codecFlags: readonly string[];
  readonly keyRing: KeyRing;
  readonly secrets: SecretsInspector;
  /** Everything in the ephemeral store: keys and values as they are stored. */
  ephemeral(): Promise<Trace[]>;
  /** Everything that the processes have said, one trace each. */
  logs(): Promise<Trace[]>;
  /** From now on the worker can read secrets but not write them, until the returned function is called. */
  withholdSecrets(): Promise<() => Promise<void>>;
  /** Process ids of the API and the worker. */
  pids(): readonly number[];
  stop(): Promise<void>;
}
