import type { WebhookEventType } from '../../contracts/webhooks.ts';
import type { Secret } from '../../platform/secret.ts';

/** Where a tenant's events go. The facts that may be shown; the signing secrets are kept beside them. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly tenant: string;
  readonly url: string;
  readonly description: string | null;
  /** Empty = all of them. */
  readonly types: readonly WebhookEventType[];
  /** Empty = of every provider. */
  readonly providers: readonly string[];
  /** A connection needs one of these tags; empty = any connection. */
  readonly tags: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly disabled: { readonly at: string; readonly reason: 'requested' | 'gone' | 'failing' } | null;
  /** Set while no delivery succeeds. */
  readonly failing: {
    readonly since: string;
    readonly attempts: number;
    /** When it was told that it will be disabled; null = not yet. */
    readonly warnedAt: string | null;
  } | null;
}

export interface SigningSecrets {
  /** `whsec_` and 32 bytes in Base64. */
  readonly current: Secret<string>;
  /** Signs too, until then (ISO 8601). */
  readonly previous: { readonly secret: Secret<string>; readonly until: string } | null;
}

export interface StoredEndpoint {
  readonly endpoint: WebhookEndpoint;
  readonly signing: SigningSecrets;
  /** The store's version, for check-and-set. */
  readonly version: number;
}

export type NewEndpoint = Pick<WebhookEndpoint, 'url' | 'description' | 'types' | 'providers' | 'tags'>;
export type EndpointChange = Partial<NewEndpoint & Pick<WebhookEndpoint, 'disabled' | 'failing'>>;

/** Of one tenant. */
export const MOST_ENDPOINTS = 16;

export class TooManyEndpoints extends Error {
  override readonly name = 'TooManyEndpoints';

  constructor() {
    super(`A tenant has at most ${MOST_ENDPOINTS} webhook endpoints.`);
  }
}

/**
 * Endpoints of webhooks, under `config/webhooks/{tenant}/{id}`. Every function rejects as the secret store does;
 * SecretStoreConflict where the endpoint was changed meanwhile.
 */
export interface WebhookEndpoints {
  /** {@link TooManyEndpoints} where the tenant has as many as it may. */
  create(tenant: string, input: NewEndpoint): Promise<StoredEndpoint>;
  /** Undefined for an unknown or malformed id, and for a document that is not valid. */
  read(tenant: string, id: string): Promise<StoredEndpoint | undefined>;
  /** Oldest first. */
  list(tenant: string): Promise<StoredEndpoint[]>;
  /** `updatedAt` stays where only `failing` changes. */
  change(stored: StoredEndpoint, change: EndpointChange): Promise<StoredEndpoint>;
  /** The old secret signs beside the new one until `overlapUntil`. */
  rollSecret(stored: StoredEndpoint, overlapUntil: string | null): Promise<StoredEndpoint>;
  /** The old secret of a roll stops signing at once. */
  endOverlap(stored: StoredEndpoint): Promise<StoredEndpoint>;
  remove(tenant: string, id: string): Promise<void>;
}
