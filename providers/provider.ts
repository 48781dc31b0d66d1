import type { JsonObject } from '../platform/json.ts';
import type { Secret } from '../platform/secret.ts';
import type { Account, RevocationOutcome } from '../contracts/connection.ts';
import { plainProblem, type Problem, type ProblemClass } from '../contracts/problem.ts';
import type { ResourceLister } from './listing/lister.ts';
import type { RegionSettings } from './manifests/settings.ts';
import type { ProviderManifest } from './manifests/types.ts';

/** The port that every cloud is reached through. `providers/{id}/index.ts` exports a factory of one. */
export interface Provider {
  readonly manifest: ProviderManifest;
  /** By the method ids of the manifest. */
  readonly methods: Readonly<Record<string, AuthMethod>>;
  /** Absent where nothing is listed. */
  readonly discovery?: ProviderDiscovery;
  /**
   * Our own identity at this cloud, by name (`accountId`, …), where customers must know it or methods can't work
   * without. Throws `ProviderError` of class `config`, naming the variables, where there is none.
   */
  identity?(region: string): Promise<Readonly<Record<string, string>>>;
}

/** How resources are listed, and what it needs of this installation's settings, by region. */
export interface ProviderDiscovery {
  readonly lister: ResourceLister;
  readonly regions: ReadonlyMap<string, RegionSettings>;
}

/** What an authorization server gave, ready to be merged into the stored record. */
export interface IssuedCredential {
  /** Record fields to set, by their stored names (`access_token`, `refresh_token`, …); absent ones are kept. */
  readonly fields: Secret<JsonObject>;
  /** Lifetime as the cloud gave it (`expires_in`, RFC 6749, 5.1), in seconds; null = does not expire. */
  readonly ttlSeconds: number | null;
  readonly renewable: boolean;
  readonly scopes: readonly string[];
  readonly warnings: readonly Problem[];
}

export interface ExchangeRequest {
  readonly region: string;
  readonly code: Secret<string>;
  readonly verifier: Secret<string>;
  readonly redirectUri: string;
  readonly iss: string | null;
  readonly signal: AbortSignal;
}

export interface CallContext {
  readonly region: string;
  /** The connection's id: what the call is named by in the customer's own audit log, where the cloud has one. */
  readonly connectionId: string;
  /** The stored record: the seed's fields and whatever else the method keeps. */
  readonly record: Secret<JsonObject>;
  readonly signal: AbortSignal;
}

export interface Proof {
  readonly account: Account;
  readonly warnings: readonly Problem[];
  /** What must belong to one tenant (a role ARN): taken after this proof, refused where another tenant has it. */
  readonly claim?: string;
  /** A credential minted on the way, for methods whose proof is to mint one. */
  readonly issued?: IssuedCredential;
}

/** What a submission was turned into, before it is proven for the first time. */
export interface Prepared {
  /** Record fields to set, by their stored names. */
  readonly fields: Secret<JsonObject>;
  /** Record fields that have served their purpose; every stored version that holds them is destroyed. */
  readonly dropped: readonly string[];
}

/** One way of getting and keeping a credential. Every method throws {@link ProviderError} and nothing else. */
export interface AuthMethod {
  /** Redirect methods only: redeems the code (RFC 6749, 4.1.3). Never retries by itself. */
  exchange?(request: ExchangeRequest): Promise<IssuedCredential>;
  /**
   * Form methods only: turns what was submitted into what is kept (keys that may create a service account into that
   * account). Undoes each step if a later one fails, and finds what an earlier try without an answer has left. Undefined
   * where nothing has to be prepared.
   */
  prepare?(context: CallContext): Promise<Prepared | undefined>;
  /** Proves that the credential works and says whose it is. */
  prove(context: CallContext): Promise<Proof>;
  /** Gets a new access token (RFC 6749, 6), session or assertion. Never retries by itself. */
  refresh(context: CallContext): Promise<IssuedCredential>;
  /** Revokes what the record holds (RFC 7009), in full. */
  revoke(context: CallContext): Promise<RevocationOutcome>;
}

/** Whether the request reached the cloud, as far as this side can know. */
export type Delivery = 'not_sent' | 'unknown' | 'answered';

/** A cloud's error, classified once, where it arrived. Callers branch on `class`, `delivery` and `problem.code`. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly class: ProblemClass;
  readonly problem: Problem;
  readonly delivery: Delivery;
  readonly retryAfterSeconds: number | null;

  constructor(init: {
    class: ProblemClass;
    problem: Problem;
    delivery: Delivery;
    retryAfterSeconds?: number | null;
    cause?: unknown;
  }) {
    const problem = plainProblem(init.problem);
    super(problem.message, { cause: init.cause });
    this.class = init.class;
    this.problem = problem;
    this.delivery = init.delivery;
    this.retryAfterSeconds = init.retryAfterSeconds ?? null;
  }
}
