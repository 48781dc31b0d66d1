import type { IncomingHttpHeaders } from 'node:http';
import type { TObject } from 'typebox';
import type { Clock } from '../../platform/clock.ts';
import type { Tables } from './tables.ts';

export interface SandboxRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Path and query to the letter, as they were signed. */
  readonly address: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came, decoded as UTF-8. */
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes out as it is; anything else as JSON. */
  readonly body?: unknown;
}

/** The endpoint that a request is for, by the name that the fault script and the counters use. */
export interface Operation {
  readonly cloud: string;
  readonly region: string;
  /** E.g. `token.refresh`. */
  readonly endpoint: string;
  /** Sent with whatever is answered, a scripted fault too. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Synchronous on purpose: one request is one transaction, and no other request comes between. */
  readonly handle: () => Reply;
}

/** A route of the control API. */
export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/_sandbox`; matched in full, its groups are given to `handle`. */
  readonly path: RegExp;
  readonly handle: (input: { parameters: string[]; query: URLSearchParams; body: unknown }) => unknown;
}

/** One simulated cloud: a folder below `clouds/`. */
export interface Cloud {
  readonly id: string;
  /** Undefined where the path is not this cloud's. */
  match(request: SandboxRequest): Operation | undefined;
  readonly control: readonly ControlRoute[];
  /** Every name that the fault script and the latency setting know here; left out: it does not tell. */
  readonly endpoints?: readonly string[];
  /** Every secret that it gave out or was given, by kind. */
  issued(): Readonly<Record<string, readonly string[]>>;
}

/** What the sandbox gives each cloud to work with. `S` = the cloud's own settings. */
export interface CloudContext<S> {
  readonly tables: Tables;
  readonly clock: Clock;
  /** Unguessable text, base64url, of that many random bytes. */
  readonly random: (bytes: number) => string;
  readonly settings: () => S;
  readonly counters: Counters;
}

/** How a cloud is added to the sandbox; see `clouds/index.ts`. */
export interface CloudDefinition<Id extends string, S> {
  readonly id: Id;
  readonly settingsSchema: TObject;
  readonly defaults: S;
  create(context: CloudContext<S>): Cloud;
  /** The environment variables that point Mooring at this cloud's simulation. */
  environment(origin: string): Record<string, string>;
}

/** The control API's own refusal: a sentence for the author of the test. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Counts of what happened at one cloud. They are part of the state: a restart does not set them back. */
export interface Counters {
  add(name: string): void;
  read(): Record<string, number>;
}

export function createCounters(tables: Tables, cloud: string): Counters {
  const rows = tables.table<{ name: string; count: number }>(`${cloud}.counters`);
  return {
    add: (name) => rows.put(name, { name, count: (rows.get(name)?.count ?? 0) + 1 }),
    read: () => Object.fromEntries([...rows.values()].map(({ name, count }) => [name, count])),
  };
}
